import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, intTensor, OptionError, ShapeError, scope, sum, type Tensor, valueAndGrad } from "../../index.js";
import { expectClose } from "../../testing/conformance/expect-close.js";
import { createClass, formulaModel } from "../../testing/formula-model.js";
import { integersBetween } from "../../testing/random-values.js";
import { itRefuses } from "../../testing/refusals.js";
import type { EncoderInputs, RunOptions } from "../architecture.js";
import type { ModelType } from "../auto/model-type.js";
import { bertType, robertaType } from "../bert/index.js";
import { bigBirdType } from "../big-bird/index.js";
import { ConfigFields } from "../config/config-fields.js";
import { longformerType } from "../longformer/index.js";
import type { LogitsOutputs } from "../tasks.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => device.dispose());

const sizes = {
	...{ vocab_size: 30, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 48 },
	...{ max_position_embeddings: 4100, hidden_dropout_prob: 0.1, layer_norm_eps: 1e-5, type_vocab_size: 1 },
};
const models: readonly (readonly [name: string, type: ModelType, config: Record<string, unknown>])[] = [
	["BERT", bertType, sizes],
	["RoBERTa", robertaType, sizes],
	["Longformer", longformerType, { ...sizes, attention_window: [8, 4] }],
	["BigBird", bigBirdType, { ...sizes, block_size: 8, num_random_blocks: 1 }],
];

const tokens = (batch: number, length: number, seed = 1) => integersBetween(batch * length, seed, 4, 30);
const textOf = (batch: number, length: number): EncoderInputs => ({
	inputIds: intTensor(tokens(batch, length), [batch, length]),
	globalAttentionMask: intTensor(
		Array.from({ length: batch * length }, (_, at) => Number(at % length < 2)),
		[batch, length],
	),
});

describe.each(models)("%s", (_name, type, config) => {
	it("gives the same for a text alone, beside others and with padding", async () => {
		const { architecture, parameters } = await formulaModel(type, "masked-lm", config, device);
		const padId = Number(type === robertaType || type === longformerType);
		const lengths = [90, 131, 61];
		const rows = lengths.map((length, row) => tokens(1, length, row));
		// Many global tokens in one row only, so that its neighbours are run as it is.
		const globals = [[0], Array.from({ length: 12 }, (__, at) => 3 * at), []];
		const run = (chosen: readonly number[], length: number) => {
			const grid = (of: (row: number, at: number) => number) =>
				intTensor(
					chosen.flatMap((row) => Array.from({ length }, (__, at) => of(row, at))),
					[chosen.length, length],
				);
			const outputs = architecture.forward(parameters, {
				inputIds: grid((row, at) => rows[row]?.[at] ?? padId),
				attentionMask: grid((row, at) => Number(at < (lengths[row] as number))),
				globalAttentionMask: grid((row, at) => Number(globals[row]?.includes(at) ?? false)),
			});
			return outputs.logits.dataSync() as Float32Array;
		};
		scope(() => {
			const together = run([0, 1, 2], 160);
			for (const row of [0, 1, 2]) {
				const length = lengths[row] as number;
				const alone = run([row], length);
				expectClose(`row ${row}`, together.subarray(row * 160 * 30, (row * 160 + length) * 30), alone, 2e-5);
			}
		});
		architecture.declared;
	});
});

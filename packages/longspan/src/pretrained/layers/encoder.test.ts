import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	init,
	intTensor,
	mul,
	OptionError,
	ShapeError,
	scope,
	sum,
	type Tensor,
	uniform,
	valueAndGrad,
} from "../../index.js";
import { type TensorTree, treeTensors } from "../../tensor/tree.js";
import { expectClose } from "../../testing/conformance/expect-close.js";
import { createClass, formulaModel } from "../../testing/formula-model.js";
import { integersBetween } from "../../testing/random-values.js";
import { itRefuses } from "../../testing/refusals.js";
import { exactValues } from "../../testing/tensor-gradient.js";
import type { EncoderInputs, RunOptions } from "../architecture.js";
import type { ModelType } from "../auto/model-type.js";
import { bertType, robertaType } from "../bert/index.js";
import { bigBirdType } from "../big-bird/index.js";
import { ConfigFields } from "../config/config-fields.js";
import { longformerType } from "../longformer/index.js";
import { disposeParameters } from "../parameters/parameters.js";

let device: Device;
let exact: Device;
beforeAll(async () => {
	exact = await init({ device: "reference" });
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => {
	device.dispose();
	exact.dispose();
});

const sizes = {
	...{ vocab_size: 30, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 48 },
	...{ max_position_embeddings: 6000, hidden_dropout_prob: 0.1, layer_norm_eps: 1e-5, type_vocab_size: 1 },
};
type Config = Record<string, unknown>;
const models: readonly (readonly [name: string, type: ModelType, config: Config])[] = [
	["BERT", bertType, sizes],
	["RoBERTa", robertaType, sizes],
	["Longformer", longformerType, { ...sizes, attention_window: [8, 4] }],
	["BigBird", bigBirdType, { ...sizes, block_size: 4, num_random_blocks: 1 }],
];

const tokens = (count: number, seed = 1) => [...integersBetween(count, seed, 4, 30)];

/** Random tokens, the last 7 of each text padding, the first two and the fifth global where the model has such tokens. */
function textOf(type: ModelType, batch: number, length: number, on = device): EncoderInputs {
	const grid = (of: (at: number) => number) =>
		intTensor(
			Array.from({ length: batch * length }, (_, at) => of(at % length)),
			[batch, length],
			on,
		);
	return {
		inputIds: intTensor(tokens(batch * length), [batch, length], on),
		attentionMask: grid((at) => Number(at < length - 7)),
		globalAttentionMask: type === longformerType ? grid((at) => Number([0, 1, 4].includes(at))) : undefined,
	};
}

describe.each(models)("%s", (name, type, config) => {
	// The blocks of BigBird are those of the padded length.
	it.skipIf(name === "BigBird")("gives the same for a text alone, beside others and with padding", async () => {
		const { architecture, parameters } = await formulaModel(type, "masked-lm", config, device);
		const padId = Number(type !== bertType);
		const lengths = [90, 131, 61];
		const rows = lengths.map((length, row) => tokens(length, row));
		// So many global tokens in one text that those of its neighbours are run in another way beside it than alone.
		const globals = [[0], Array.from({ length: 12 }, (_, at) => 3 * at), []];
		const run = (chosen: readonly number[], length: number): Float32Array => {
			const grid = (of: (row: number, at: number) => number) =>
				intTensor(
					chosen.flatMap((row) => Array.from({ length }, (_, at) => of(row, at))),
					[chosen.length, length],
				);
			const outputs = architecture.forward(parameters, {
				inputIds: grid((row, at) => rows[row]?.[at] ?? padId),
				attentionMask: grid((row, at) => Number(at < (lengths[row] as number))),
				globalAttentionMask:
					type === longformerType ? grid((row, at) => Number(globals[row]?.includes(at) ?? false)) : undefined,
			});
			return outputs.logits.dataSync();
		};
		scope(() => {
			const together = run([0, 1, 2], 160);
			for (const [row, length] of lengths.entries()) {
				const alone = run([row], length);
				expectClose(`row ${row}`, together.subarray(row * 160 * 30, (row * 160 + length) * 30), alone, 2e-5);
			}
		});
		disposeParameters(parameters);
	});

	it("scores some positions as it does all", async () => {
		const { architecture, parameters } = await formulaModel(type, "masked-lm", config, device);
		scope(() => {
			const inputs = textOf(type, 2, 50);
			const all = architecture.forward(parameters, inputs).logits.dataSync();
			const chosen = [3, 99, 50];
			const positions = intTensor(chosen, [3]);
			const some = architecture.forward(parameters, { ...inputs, positions }).logits;
			expect(some.shape).toEqual([3, 30]);
			expectClose(
				"logits",
				some.dataSync(),
				chosen.flatMap((at) => [...all.subarray(at * 30, (at + 1) * 30)]),
				1e-6,
			);
		});
		disposeParameters(parameters);
	});

	it("gives the same in pieces of a long text as on a tape, where it runs as a whole", async () => {
		const { architecture, parameters } = await formulaModel(type, "base", config, device, "tensor");
		scope(() => {
			const inputs = textOf(type, 1, 5000);
			const pieces = architecture.forward(parameters, inputs).lastHiddenState.dataSync();
			let whole = new Float32Array();
			valueAndGrad((own: TensorTree) => {
				const state = architecture.forward(own as typeof parameters, inputs).lastHiddenState;
				whole = state.dataSync();
				return sum(state);
			})(parameters as TensorTree);
			expectClose("state", pieces, whole, 1e-6);
		});
		disposeParameters(parameters);
	});

	it("takes memory for a few states of a long text, not for the channels in between or its layers", async () => {
		const length = 6000 - 2;
		const wide = { ...config, hidden_size: 64, intermediate_size: 1024, num_hidden_layers: 4 };
		const own = { ...wide, ...(type === longformerType && { attention_window: 8 }) };
		const { architecture, parameters } = await formulaModel(type, "base", own, device);
		scope(() => {
			const inputs = textOf(type, 1, length);
			const ids = { inputIds: inputs.inputIds, globalAttentionMask: inputs.globalAttentionMask };
			device.resetPeakMemory();
			const before = device.memoryStats().liveBytes;
			architecture.forward(parameters, ids);
			const states = (device.memoryStats().peakBytes - before) / (length * 64 * 4);
			// Four or five states, and 2048 rows of 1024 channels, which are 5.5; those of all rows would be 16.
			expect(states).toBeLessThan(10.5);
		});
		disposeParameters(parameters);
	});

	it("drops hidden states in training, the same ones for the same source", async () => {
		const { architecture, parameters } = await formulaModel(type, "masked-lm", config, device);
		const run = (options: RunOptions) =>
			scope(() => [
				...(architecture.forward(parameters, textOf(type, 2, 20), options).logits.dataSync() as Float32Array),
			]);
		const first = run({ random: { seed: 5, step: 1 } });
		expect(run({ random: { seed: 5, step: 1 } })).toEqual(first);
		expect(run({ random: { seed: 5, step: 2 } })).not.toEqual(first);
		expect(run({})).not.toEqual(first);
		expect(run({})).toEqual(run({}));
		disposeParameters(parameters);
	});

	it("has the gradients of central differences", async () => {
		const { architecture, parameters } = await formulaModel(type, "masked-lm", config, exact, "tensor");
		scope(() => {
			const inputs = textOf(type, 2, 40, exact);
			const weight = uniform([2, 40, 30], { seed: 3 }, exact);
			const options = { random: { seed: 2 } };
			const lossOf = (own: TensorTree) =>
				sum(mul(architecture.forward(own as typeof parameters, inputs, options).logits as Tensor, weight));
			const { gradient } = valueAndGrad(lossOf)(parameters as TensorTree);
			const [weights, slopes] = [treeTensors(parameters), treeTensors(gradient)];
			expect(slopes.length).toBe(weights.length);
			for (const [index, tensor] of weights.entries()) {
				const values = Float64Array.from(exactValues(tensor));
				const at = (7 * index) % values.length;
				const shifted = (by: number) => {
					const changed = Float64Array.from(values);
					(changed[at] as number) += by;
					tensor.device.backend.write(tensor.buffer, changed);
					return scope(() => exactValues(lossOf(parameters as TensorTree))[0] as number);
				};
				const difference = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
				shifted(0);
				const slope = exactValues(slopes[index] as Tensor)[at] as number;
				expect(Math.abs(slope - difference), `weight ${index}`).toBeLessThan(1e-5 * (1 + Math.abs(difference)));
			}
		});
		disposeParameters(parameters);
	});
});

describe("bad input", () => {
	const create = (type: ModelType, config: Config, task: "base" | "causal-lm" = "base") =>
		createClass(type, task, new ConfigFields("config.json", { ...sizes, ...config }));
	const longformer = (inputs: object, options?: object) => {
		const architecture = create(longformerType, { attention_window: 4, max_position_embeddings: 12 });
		return architecture.forward({}, inputs, options);
	};
	const ids = (...shape: number[]) =>
		intTensor(new Int32Array(shape.reduce((product, size) => product * size, 1)).fill(5), shape);

	itRefuses(
		() => device,
		[
			[
				"an input that a model does not take",
				() => create(bertType, {}).forward({}, { inputIds: ids(1, 4), globalAttentionMask: ids(1, 4) }),
				OptionError,
				/bert: globalAttentionMask is no input of this model; expected inputIds, attentionMask, tokenTypeIds/,
			],
			[
				"an input by another name",
				() => longformer({ inputIds: ids(1, 4), attention_mask: ids(1, 4) }),
				OptionError,
				/attention_mask is no input of this model; expected inputIds, attentionMask, tokenTypeIds, globalAttentionMask/,
			],
			[
				"ids outside of the vocabulary",
				() => longformer({ inputIds: intTensor([3, 30], [1, 2]) }),
				OptionError,
				/longformer: inputIds hold 30; expected 0 to 29/,
			],
			[
				"a flag that is none",
				() => longformer({ inputIds: ids(1, 4) }, { outputHiddenStates: "yes" }),
				OptionError,
				/outputHiddenStates is "yes"; expected true or false/,
			],
			[
				"an odd window",
				() => create(longformerType, { attention_window: [4, 5] }),
				OptionError,
				/config.json: "attention_window" is \[4,5\]; expected an even number of at least 2, two-sided, or a list of them, one for each of the 2 layers/,
			],
			[
				"windows of other layers",
				() => create(longformerType, { attention_window: [4] }),
				OptionError,
				/"attention_window" is \[4\]; expected/,
			],
			["a window of no size", () => create(longformerType, { attention_window: 0 }), OptionError, /is 0; expected/],
			[
				"another kind of attention",
				() => create(longformerType, { attention_mode: "tvm" }),
				OptionError,
				/"attention_mode" is "tvm"; expected "longformer", the only one supported/,
			],
			[
				"heads that do not divide the width",
				() => create(bertType, { num_attention_heads: 3 }),
				OptionError,
				/"num_attention_heads" is 3; expected a divisor of hidden_size, 16/,
			],
			[
				"absurdly many layers",
				() => create(bertType, { num_hidden_layers: 1e9 }),
				OptionError,
				/"num_hidden_layers" is 1000000000; expected at most 1024/,
			],
			[
				"relative positions",
				() => create(bertType, { position_embedding_type: "relative_key" }),
				OptionError,
				/"position_embedding_type" is "relative_key"/,
			],
			["a decoder", () => create(robertaType, { is_decoder: true }), OptionError, /"is_decoder" is true/],
			[
				"fields of nobody",
				() => create(bigBirdType, { sparsity: 3 }),
				OptionError,
				/config.json: "sparsity" is no field/,
			],
			[
				"an attention without a name",
				() => create(bigBirdType, { attention_type: "random" }),
				OptionError,
				/"attention_type" is "random"; expected "block_sparse" or "original_full"/,
			],
			[
				"block-sparse attention that writes",
				() => create(bigBirdType, { is_decoder: true }, "causal-lm"),
				OptionError,
				/"attention_type" is "block_sparse"; expected "original_full"/,
			],
			[
				"a writer that looks ahead",
				() => create(bigBirdType, { attention_type: "original_full" }, "causal-lm"),
				OptionError,
				/"is_decoder" is false; expected true/,
			],
			[
				"more tokens than positions",
				() => longformer({ inputIds: ids(1, 11) }),
				OptionError,
				/longformer: inputIds has 11 tokens; expected at most 10; cut the text/,
			],
			[
				"no batch",
				() => longformer({ inputIds: ids(5) }),
				ShapeError,
				/inputIds has shape \[5\]; expected \[batch, length\]/,
			],
			["no token", () => longformer({ inputIds: ids(1, 0) }), ShapeError, /with at least one token/],
			[
				"a mask of another length",
				() => longformer({ inputIds: ids(1, 5), attentionMask: ids(1, 4) }),
				ShapeError,
				/argument attentionMask has shape \[1, 4\]; expected \[1, 5\], that of inputIds/,
			],
			[
				"a mask of other numbers",
				() => longformer({ inputIds: ids(1, 5), attentionMask: ids(1, 5) }),
				OptionError,
				/attentionMask holds 5; expected 1 for tokens and 0 for padding/,
			],
			[
				"a misspelt option",
				() => longformer({ inputIds: ids(1, 5) }, { outputAttention: true }),
				OptionError,
				/outputAttention is no option/,
			],
			[
				"attention probabilities that never exist",
				() => create(bertType, {}).forward({}, { inputIds: ids(1, 5) }, { outputAttentions: true }),
				OptionError,
				/bert: outputAttentions is true; attention probabilities never exist as a whole/,
			],
			[
				"choices without an axis",
				() =>
					createClass(bertType, "multiple-choice", new ConfigFields("config.json", sizes)).forward(
						{},
						{ inputIds: ids(2, 5) },
					),
				ShapeError,
				/inputIds has shape \[2, 5\]; expected \[batch, choices, length\]/,
			],
			[
				"a question without an end",
				() =>
					createClass(longformerType, "question-answering", new ConfigFields("config.json", sizes)).forward(
						{},
						{ inputIds: ids(2, 5) },
					),
				OptionError,
				/a text without the separator, 2, that ends the question; give globalAttentionMask/,
			],
		],
	);
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { add, type Device, init, intTensor, mul, scope, sum, type Tensor, tensor, valueAndGrad } from "../../index.js";
import { mapTree, type TensorTree, treeTensors } from "../../tensor/tree.js";
import { formulaWeights } from "../../testing/formula-weights.js";
import { normals } from "../../testing/random-values.js";
import type { EncoderDecoderInputs } from "../architecture.js";
import type { ModelType } from "../auto/model-type.js";
import { bartType } from "../bart/index.js";
import { bigBirdPegasusType } from "../big-bird-pegasus/index.js";
import { ConfigFields } from "../config/config-fields.js";
import { ledType } from "../led/index.js";
import { tokenLoss } from "../losses/index.js";
import { loadParameters } from "../parameters/load.js";
import type { EncoderDecoderOutputs, GeneratingArchitecture, LogitsOutputs } from "../tasks.js";
import { shiftRight } from "./shift-right.js";

type Summarizer = GeneratingArchitecture<EncoderDecoderInputs, LogitsOutputs & EncoderDecoderOutputs>;

const sizes = {
	d_model: 8,
	encoder_layers: 2,
	decoder_layers: 2,
	encoder_attention_heads: 2,
	decoder_attention_heads: 2,
	encoder_ffn_dim: 12,
	decoder_ffn_dim: 12,
	vocab_size: 20,
	dropout: 0.2,
	activation_dropout: 0.1,
};
const models: readonly (readonly [name: string, type: ModelType, config: Record<string, unknown>])[] = [
	["BART", bartType, { ...sizes, max_position_embeddings: 24 }],
	[
		"LED",
		ledType,
		{ ...sizes, attention_window: 4, max_encoder_position_embeddings: 24, max_decoder_position_embeddings: 24 },
	],
	[
		"BigBird-Pegasus",
		bigBirdPegasusType,
		{ ...sizes, max_position_embeddings: 24, block_size: 2, num_random_blocks: 1 },
	],
];

const labels = () => intTensor([5, 9, 4, 2, -100], [1, 5]);
const marks = (isMarked: (at: number) => boolean) =>
	intTensor(
		Array.from({ length: 18 }, (_, at) => Number(isMarked(at))),
		[1, 18],
	);

/** A text with padding. */
const inputsOf = (type: ModelType): EncoderDecoderInputs => ({
	inputIds: intTensor([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 1, 1], [1, 18]),
	attentionMask: marks((at) => at < 16),
	globalAttentionMask: type === ledType ? marks((at) => at === 0) : undefined,
	decoderInputIds: shiftRight(labels(), 2, 1),
});

describe.each(models)("training %s", (_, type, config) => {
	let device: Device;
	let parameters: TensorTree;
	const open = (fields: Record<string, unknown>) =>
		type.classes["seq2seq-lm"]?.create(new ConfigFields("config.json", fields)) as Summarizer;
	const architecture = open(config);
	const lossOf = (given: TensorTree, seed?: number): Tensor => {
		const random = seed === undefined ? undefined : { seed };
		const { logits } = architecture.forward(given, inputsOf(type), { random });
		return tokenLoss(logits, labels());
	};

	beforeAll(async () => {
		device = await init({ device: "reference" });
		const options = { device, format: "tensor", prefix: type.prefix } as const;
		const loaded = await loadParameters(architecture.declared, formulaWeights(architecture.declared), options);
		parameters = loaded.parameters as TensorTree;
	});
	afterAll(() => device.dispose());

	it.each([
		["without dropout", undefined],
		["with dropout", 5],
	])("has the gradient of its loss, %s", (__, seed) => {
		scope(() => {
			const { value, gradient } = valueAndGrad((given: TensorTree) => lossOf(given, seed))(parameters);
			const direction = mapTree(parameters, ({ size, shape }) => tensor(normals(size, size), shape));
			const [gradients, directions] = [gradient, direction].map((tree) => treeTensors(tree) as Tensor[]) as [
				Tensor[],
				Tensor[],
			];
			const at = (step: number) => {
				let leaf = 0;
				const moved = mapTree(parameters, (weight) => add(weight as Tensor, mul(directions[leaf++] as Tensor, step)));
				return lossOf(moved, seed).dataSync()[0] as number;
			};
			const slope = gradients.reduce(
				(total, own, leaf) => total + (sum(mul(own, directions[leaf] as Tensor)).dataSync()[0] as number),
				0,
			);
			// Values are read back in float32.
			const measured = (at(1e-3) - at(-1e-3)) / 2e-3;
			expect(Math.abs(measured - slope)).toBeLessThan(2e-3 * Math.abs(slope));
			expect(value.dataSync()[0]).toBeCloseTo(at(0), 5);
			const still: string[] = [];
			mapTree(gradient, (own, path) => {
				if (own.dataSync().every((element) => element === 0)) still.push(path);
				return own;
			});
			// A constant in all scores of a query changes nothing; other biases of keys differ from 0 by rounding.
			expect(still.filter((path) => !path.endsWith("keyGlobal.bias"))).toEqual([]);
		});
	});

	it("drops by the seed alone", () => {
		scope(() => {
			const loss = (seed?: number) => lossOf(parameters, seed).dataSync()[0] as number;
			expect(loss(1)).toBe(loss(1));
			expect(new Set([loss(), loss(1), loss(2)]).size).toBe(3);
		});
	});

	it("leaves layers out in training alone", () => {
		const still = { ...config, dropout: 0, encoder_layerdrop: 1, decoder_layerdrop: 1, scale_embedding: undefined };
		scope(() => {
			const run = (random?: { seed: number }) => {
				const options = { random, outputHiddenStates: true };
				const { hiddenStates, encoderHiddenStates } = open(still).forward(parameters, inputsOf(type), options);
				return [hiddenStates, encoderHiddenStates].map((states) =>
					states?.slice(0, 2).map((state) => state.dataSync()),
				);
			};
			for (const [embedded, after] of run({ seed: 1 }) as Float32Array[][]) expect(after).toEqual(embedded);
			for (const [embedded, after] of run() as Float32Array[][]) expect(after).not.toEqual(embedded);
		});
	});
});

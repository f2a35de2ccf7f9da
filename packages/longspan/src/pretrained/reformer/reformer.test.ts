import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	type Device,
	DisposedError,
	init,
	intTensor,
	mul,
	normal,
	OptionError,
	ones,
	ShapeError,
	scope,
	setCurrentDevice,
	slice,
	sum,
	type Tensor,
	type TensorTree,
	treeTensors,
	valueAndGrad,
} from "../../index.js";
import { relativeError } from "../../testing/expect-close.js";
import { expectModelGradients } from "../../testing/model-gradients.js";
import { itRefuses } from "../../testing/refusals.js";
import type { EncoderInputs } from "../architecture.js";
import { ConfigFields, type ConfigJson } from "../config/config-fields.js";
import { type Declared, type Loaded, mapDeclared } from "../parameters/declare.js";
import { drawParameter } from "../parameters/draw.js";
import { disposeParameters } from "../parameters/parameters.js";
import type { LanguageInputs } from "../tasks.js";
import { readReformerConfig } from "./config.js";
import { reformerClassifier, reformerGenerator, reformerLanguageModel, reformerSpans } from "./heads.js";
import { reformerType } from "./index.js";
import { bucketFactorsAt, longestInput, paddedLength } from "./lengths.js";
import { reformerModel } from "./model.js";

const json: ConfigJson = {
	model_type: "reformer",
	attention_head_size: 4,
	attn_layers: ["local", "lsh"],
	axial_pos_embds: true,
	axial_pos_embds_dim: [2, 4],
	axial_pos_shape: [4, 8],
	axial_norm_std: 1,
	feed_forward_size: 8,
	hash_seed: 3,
	hidden_act: "gelu",
	hidden_dropout_prob: 0,
	hidden_size: 6,
	is_decoder: true,
	local_attn_chunk_length: 4,
	lsh_attn_chunk_length: 6,
	max_position_embeddings: 64,
	num_attention_heads: 2,
	num_buckets: 4,
	num_hashes: 2,
	vocab_size: 11,
};

const fieldsOf = (changes: ConfigJson = {}) => new ConfigFields("config.json", { ...json, ...changes });
const configOf = (changes?: ConfigJson) => readReformerConfig(fieldsOf(changes));

let device: Device;

beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
beforeEach(() => setCurrentDevice(device));
afterAll(() => device.dispose());

const idsOf = (batch: number, length: number, on = device) =>
	intTensor(
		Array.from({ length: batch * length }, (_, at) => (at * at * 7 + 3 * at) % 11),
		[batch, length],
		on,
	);

/** Weights of deviation 0.3, so that layers matter. */
function draw<D extends Declared>(declared: D, on = device): Loaded<D> {
	const options = { device: on, format: "tensor", seed: 5 } as const;
	const parameters = mapDeclared(declared, (declaration) => drawParameter(declaration, options)) as Loaded<D>;
	for (const weight of treeTensors(parameters) as Tensor[])
		if (weight.rank > 1) on.backend.write(weight.buffer, weight.dataSync().map((value) => 15 * value) as Float32Array);
	return parameters;
}

/** Runs with new weights, which are freed after. */
function withWeights<D extends Declared, T>(declared: D, run: (parameters: Loaded<D>) => T): T {
	const parameters = draw(declared);
	try {
		return scope(() => run(parameters));
	} finally {
		disposeParameters(parameters);
	}
}

describe("lengths", () => {
	const config = configOf();

	it("pads to whole chunks of both kinds, but not what is no longer than the shortest", () => {
		expect([1, 4, 5, 12, 13].map((length) => paddedLength(config, length))).toEqual([1, 4, 12, 12, 24]);
	});

	it("takes inputs that have positions when padded", () => {
		expect(longestInput(config)).toBe(24);
		expect(longestInput(configOf({ axial_pos_shape: [1, 7] }))).toBe(4);
		expect(longestInput(configOf({ axial_pos_shape: [1, 3] }))).toBe(3);
		expect(longestInput(configOf({ axial_pos_embds: false }))).toBe(60);
		expect(reformerType.maxLength(fieldsOf())).toBe(24);
	});

	it("finds the number of buckets where the config leaves it open", () => {
		const open = configOf({ num_buckets: null, lsh_attn_chunk_length: 2, max_position_embeddings: 8 });
		expect([1, 4, 6, 10, 16].map((length) => bucketFactorsAt(open, length))).toEqual([[2], [4], [4], [2, 4], [4, 4]]);
		expect(bucketFactorsAt(configOf({ num_buckets: [4, 6] }), 1000)).toEqual([4, 6]);
	});
});

describe("outputs", () => {
	it("are scored at positions only, if asked for, with the bias", () => {
		const model = reformerLanguageModel(configOf({ is_decoder: false }));
		withWeights(model.declared, (parameters) => {
			const inputs = { inputIds: idsOf(2, 9), positions: intTensor([17, 0, 9]) };
			const all = model.forward(parameters, { inputIds: inputs.inputIds }).logits.dataSync();
			const some = model.forward(parameters, inputs).logits;
			expect(some.shape).toEqual([3, 11]);
			const rows = [17, 0, 9].flatMap((at) => Array.from(all.subarray(11 * at, 11 * at + 11)));
			expect(relativeError(some.dataSync(), rows)).toBeLessThan(1e-6);
			const shifted = model.forward({ ...parameters, head: { ...parameters.head, bias: ones([11]) } }, inputs);
			const expected = some.dataSync().map((score) => score + 1);
			expect(relativeError(shifted.logits.dataSync(), expected)).toBeLessThan(1e-6);
		});
	});

	it("of answers are two scores a token", () => {
		const model = reformerSpans(configOf());
		withWeights(model.declared, (parameters) => {
			const { lastHiddenState, startLogits, endLogits } = model.forward(parameters, { inputIds: idsOf(2, 9) });
			const states = lastHiddenState.dataSync();
			const weight = (parameters.spans.weight as Tensor).dataSync();
			for (const [at, scores] of [startLogits, endLogits].entries()) {
				expect(scores.shape).toEqual([2, 9]);
				const expected = Array.from({ length: 18 }, (_, row) =>
					Array.from(
						{ length: 12 },
						(__, i) => (states[12 * row + i] as number) * (weight[12 * at + i] as number),
					).reduce((a, b) => a + b),
				);
				expect(relativeError(scores.dataSync(), expected)).toBeLessThan(1e-5);
			}
		});
	});

	it("follow the hash seed, or the layer where there is none, and the number of hashes", () => {
		const changes = { attn_layers: ["lsh", "lsh"], num_buckets: 8 };
		const stateWith = (hash_seed: number | null, numHashes?: number, swap = false) => {
			const model = reformerType.classes.base?.create(fieldsOf({ ...changes, hash_seed }));
			return withWeights(model?.declared as Declared, (parameters) => {
				const layers = parameters.encoder.layers.toReversed();
				const encoder = swap ? { ...parameters.encoder, layers } : parameters.encoder;
				return model
					?.forward({ ...parameters, encoder }, { inputIds: idsOf(1, 24), numHashes })
					.lastHiddenState.dataSync();
			});
		};
		expect(stateWith(3)).toEqual(stateWith(3));
		expect(stateWith(null)).toEqual(stateWith(null));
		expect(stateWith(3)).not.toEqual(stateWith(4));
		expect(stateWith(0)).not.toEqual(stateWith(null));
		expect(stateWith(3)).not.toEqual(stateWith(3, 4));
	});

	it("of padded inputs are those of inputs with masked tokens", () => {
		const model = reformerClassifier(configOf(), 3, 0);
		withWeights(model.declared, (parameters) => {
			const short = idsOf(1, 9);
			const padded = intTensor([...short.dataSync(), 5, 5, 5], [1, 12]);
			const mask = intTensor([...new Array(9).fill(1), 0, 0, 0], [1, 12]);
			const own = model.forward(parameters, { inputIds: short });
			const other = model.forward(parameters, { inputIds: padded, attentionMask: mask });
			expect(own.lastHiddenState.dataSync()).toEqual(slice(other.lastHiddenState, 1, 0, 9).dataSync());
			expect(own.logits.dataSync()).toEqual(other.logits.dataSync());
			expect(own.logits.shape).toEqual([1, 3]);
		});
	});

	it("of 65,536 tokens need memory in proportion to the hidden states", () => {
		const length = 65_536;
		const model = reformerLanguageModel(
			configOf({
				is_decoder: false,
				axial_pos_shape: [256, 256],
				max_position_embeddings: length,
				local_attn_chunk_length: 64,
				lsh_attn_chunk_length: 64,
				num_buckets: null,
				feed_forward_size: 256,
			}),
		);
		withWeights(model.declared, (parameters) => {
			device.resetPeakMemory();
			const before = device.memoryStats().liveBytes;
			const { logits } = model.forward(parameters, {
				inputIds: idsOf(1, length),
				positions: intTensor([5, length - 1]),
			});
			expect(logits.dataSync().every(Number.isFinite)).toBe(true);
			// The whole inner layer alone would take 64 MiB.
			expect(device.memoryStats().peakBytes - before).toBeLessThan(60 * 2 ** 20);
		});
	});
});

describe("training", () => {
	it("has rotations of its own at each step, unless there is a hash seed", () => {
		const stateAt = (hash_seed: number | null, step: number) => {
			const model = reformerModel(configOf({ attn_layers: ["lsh"], num_buckets: 8, hash_seed }));
			return withWeights(model.declared, (parameters) => {
				const options = { random: { seed: 1, step } };
				return model.forward(parameters, { inputIds: idsOf(1, 24) }, options).lastHiddenState.dataSync();
			});
		};
		expect(stateAt(null, 1)).toEqual(stateAt(null, 1));
		expect(stateAt(null, 1)).not.toEqual(stateAt(null, 2));
		expect(stateAt(3, 1)).toEqual(stateAt(3, 2));
	});

	it("has the gradients that differences give, with dropout and padding", async () => {
		const exact = await init({ device: "reference" });
		const model = reformerLanguageModel(configOf({ hidden_dropout_prob: 0.2 }));
		const parameters = draw(model.declared, exact);
		const ids = idsOf(2, 9, exact);
		const loss = (own: typeof parameters) => {
			const { logits } = model.forward(own, { inputIds: ids }, { random: { seed: 4 } });
			return sum(mul(logits, logits));
		};
		expectModelGradients(
			exact,
			parameters as unknown as TensorTree,
			loss as unknown as (own: TensorTree) => Tensor,
			1e-6,
		);
		exact.dispose();
	});

	it("has the same gradients with hidden states, and no activations of every layer without them", () => {
		const model = reformerModel(configOf({ attn_layers: new Array(8).fill("local"), is_decoder: false }));
		withWeights(model.declared, (parameters) => {
			const run = (outputHiddenStates: boolean) =>
				scope(() => {
					let peak = 0;
					const { gradient } = valueAndGrad((own: TensorTree) => {
						const weights = own as unknown as typeof parameters;
						const options = { random: { seed: 1 }, outputHiddenStates };
						const { lastHiddenState } = model.forward(weights, { inputIds: idsOf(4, 24) }, options);
						peak = device.memoryStats().liveBytes;
						return sum(mul(lastHiddenState, lastHiddenState));
					})(parameters as unknown as TensorTree);
					return { peak, values: treeTensors(gradient).flatMap((tensor) => Array.from(tensor.dataSync())) };
				});
			const [reversed, kept] = [run(false), run(true)];
			expect(relativeError(reversed.values, kept.values)).toBeLessThan(1e-4);
			expect(reversed.peak).toBeLessThan(kept.peak / 2);
		});
	});
});

describe("decoding", () => {
	const model = reformerGenerator(configOf());

	it("gives the scores of a call over all tokens, for the rows selected", () => {
		withWeights(model.declared, (parameters) => {
			const rotations = [normal([2, 4, 3, 2], { seed: 8 })];
			const mask = intTensor([0, 0, 1, 1, 1, 1], [2, 3]);
			const session = model.startDecoding(parameters, {
				inputIds: idsOf(2, 3),
				attentionMask: mask,
				numHashes: 3,
				rotations,
			});
			session.append(intTensor([1, 2, 3, 4, 5, 6], [2, 3]));
			session.select([0, 0, 1, 1]);
			session.append(intTensor([7, 8, 9, 10], [4, 1]));
			session.select([1, 2]);
			const scores = session.append(intTensor([2, 1, 3, 5], [2, 2]));
			expect([session.position, session.stateBytes]).toEqual([6, 48]);
			const whole = model.forward(parameters, {
				inputIds: intTensor([1, 2, 3, 8, 2, 1, 4, 5, 6, 9, 3, 5], [2, 6]),
				attentionMask: intTensor([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [2, 6]),
				numHashes: 3,
				rotations,
				positions: intTensor([5, 11]),
			});
			expect(scores.dataSync()).toEqual(whole.logits.dataSync());
			session.dispose();
			expect(() => session.append(intTensor([1, 2], [2, 1]))).toThrow(DisposedError);
		});
	});

	it("refuses rows that are not there", () => {
		withWeights(model.declared, (parameters) => {
			const session = model.startDecoding(parameters, { inputIds: idsOf(2, 1) });
			expect(() => session.select([0])).toThrow(/select got 1 rows; expected as many for each of the 2 texts/);
			expect(() => session.select([0, 2])).toThrow(/select got row 2; expected 0 to 1/);
			expect(() => session.append(idsOf(1, 1))).toThrow(/ids has shape \[1, 1\]; expected \[2, length\]/);
		});
	});
});

describe("refuses", () => {
	const create = (task: keyof typeof reformerType.classes, changes: ConfigJson) => () => {
		const fields = fieldsOf(changes);
		reformerType.classes[task]?.create(fields);
		fields.finish();
	};
	const base = (changes: ConfigJson) => create("base", changes);
	const run = (inputs: (on: Device) => EncoderInputs) => () => {
		const model = reformerLanguageModel(configOf());
		return withWeights(model.declared, (parameters) => model.forward(parameters, inputs(device)).logits);
	};

	itRefuses(
		() => device,
		[
			["an unknown field", base({ sinus: 1 }), OptionError, /"sinus" is no field/],
			[
				"an unknown layer",
				base({ attn_layers: ["lsh", "full"] }),
				OptionError,
				/attn_layers.*a list of "lsh" and "local"/,
			],
			[
				"a count of layers that does not fit",
				base({ num_hidden_layers: 3 }),
				OptionError,
				/num_hidden_layers" is 3; expected 2/,
			],
			[
				"an odd number of buckets",
				base({ num_buckets: [4, 3] }),
				OptionError,
				/num_buckets" is \[4,3\]; expected an even/,
			],
			[
				"axial widths that do not add up",
				base({ axial_pos_embds_dim: [2, 3] }),
				OptionError,
				/add up to hidden_size, 6/,
			],
			[
				"later chunks in a causal model",
				base({ lsh_num_chunks_after: 1 }),
				OptionError,
				/lsh_num_chunks_after" is 1; expected 0/,
			],
			[
				"a pad id that is no token",
				base({ pad_token_id: 11 }),
				OptionError,
				/pad_token_id" is 11; expected a token below/,
			],
			["tied embeddings", base({ tie_word_embeddings: true }), OptionError, /tie_word_embeddings/],
			["a causal masked model", create("masked-lm", {}), OptionError, /is_decoder" is true; expected false/],
			[
				"a causal model that is not",
				create("causal-lm", { is_decoder: false }),
				OptionError,
				/is_decoder" is false; expected true/,
			],
			[
				"answers of three scores",
				create("question-answering", { num_labels: 3 }),
				OptionError,
				/num_labels" is 3; expected 2/,
			],
			["a long input", run(() => ({ inputIds: idsOf(1, 25) })), OptionError, /has 25 tokens; expected at most 24/],
			[
				"ids without a batch",
				run(() => ({ inputIds: intTensor([1, 2]) })),
				ShapeError,
				/inputIds has shape \[2\]; expected \[batch, length\]/,
			],
			[
				"a mask of another length",
				run(() => ({ inputIds: idsOf(1, 3), attentionMask: idsOf(1, 4) })),
				ShapeError,
				/attentionMask has shape \[1, 4\]; expected \[1, 3\]/,
			],
			[
				"a list of rotations that is short",
				run(() => ({ inputIds: idsOf(1, 9), rotations: [] })),
				OptionError,
				/rotations has 0 tensors; expected 1/,
			],
			[
				"rotations for other sizes",
				run(() => ({ inputIds: idsOf(1, 9), rotations: [normal([2, 4, 3, 2], { seed: 1 })] })),
				ShapeError,
				/rotations has shape \[2, 4, 3, 2\]; expected \[2, 4, 2, 2\]/,
			],
			[
				"types of tokens",
				run(() => ({ inputIds: idsOf(1, 3), tokenTypeIds: idsOf(1, 3) })),
				OptionError,
				/tokenTypeIds is no input of this model; expected inputIds, attentionMask/,
			],
			["no hashes", run(() => ({ inputIds: idsOf(1, 9), numHashes: 0 })), OptionError, /numHashes is 0/],
			[
				"positions of two axes",
				run(() => ({ inputIds: idsOf(1, 3), positions: idsOf(1, 1) }) as LanguageInputs),
				OptionError,
				/positions has shape/,
			],
		],
	);
});

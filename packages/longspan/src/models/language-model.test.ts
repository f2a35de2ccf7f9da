import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	type Attention,
	adamW,
	concat,
	crossEntropy,
	type Device,
	DTypeError,
	full,
	init,
	intTensor,
	type LanguageModel,
	type LanguageModelOptions,
	languageModel,
	linear,
	mean,
	OptionError,
	padSequences,
	perHead,
	reformer,
	ShapeError,
	scope,
	setCurrentDevice,
	slice,
	slidingWindow,
	type Tensor,
	treeTensors,
	valueAndGrad,
} from "../index.js";
import { causalAttentions, hashedAttentions } from "../testing/causal-attentions.js";
import { expectAllClose } from "../testing/expect-close.js";
import { expectTreeGradients } from "../testing/layer-gradients.js";
import { integersBetween } from "../testing/random-values.js";
import { itRefuses } from "../testing/refusals.js";
import { exactValues } from "../testing/tensor-gradient.js";

let exact: Device;
let wasm: Device;
beforeAll(async () => {
	wasm = await init({ threads: 2 });
	exact = await init({ device: "reference" });
});
beforeEach(() => setCurrentDevice(wasm));
afterAll(() => {
	wasm.dispose();
	exact.dispose();
});

const causal = { causal: true } as const;
const length = 40;
const sizes = { vocabularySize: 11, maxLength: 64, dim: 16, layers: 2, heads: 2, seed: 3 };
const drawIds = (rows: number, columns: number, seed = 1) =>
	intTensor(integersBetween(rows * columns, seed, 0, sizes.vocabularySize), [rows, columns]);

/** A model for one test, whose weights go with the test. */
function withModel(options: LanguageModelOptions, body: (model: LanguageModel) => void): void {
	const model = languageModel(options);
	try {
		scope(() => body(model));
	} finally {
		for (const weight of treeTensors(model.parameters)) weight.dispose();
	}
}

/** What else a model may be; each mechanism is tried with one of them, window and linear with all. */
const variants: readonly (readonly [string, Partial<LanguageModelOptions>])[] = [
	["learned positions", {}],
	["rotary positions, norm post", { positions: "rotary", norm: "post" }],
	["sinusoidal positions, reversible", { positions: "sinusoidal", activations: "reversible" }],
	["axial positions, grouped heads", { positions: { axial: { shape: [8, 8] } }, keyValueHeads: 1 }],
	[
		"summed axial positions, concatenated streams",
		{
			positions: { axial: { shape: [4, 16], combine: "summed" } },
			activations: "reversible",
			streamMerge: "concatenated",
		},
	],
	[
		"no positions, swiglu, own output weights",
		{ positions: "none", feedForward: { activation: "swiglu" }, tieWeights: false },
	],
];

const argMax = (values: ArrayLike<number>) =>
	Array.from(values).reduce((best, value, at, all) => (value > (all[best] as number) ? at : best), 0);

/** Feeds a session in pieces: scores after each are those of the whole, then the next tokens are those the whole would choose. */
function expectDecoding(options: LanguageModelOptions): void {
	withModel(options, (model) => {
		const batch = 2;
		const ids = drawIds(batch, length);
		const whole = model.logits(model.parameters, ids);
		const session = model.startDecoding(model.parameters, batch);
		let at = 0;
		let scores: Tensor | undefined;
		for (const piece of [1, 9, 1, 1, 17, 1, 3, 1, 1, 5]) {
			scores = session.append(slice(ids, 1, at, at + piece));
			at += piece;
			expect(session.position).toBe(at);
			expect(scores.shape).toEqual([batch, sizes.vocabularySize]);
			expectAllClose(scores.dataSync(), slice(whole, 1, at - 1, at).dataSync(), { relative: 1e-4, absolute: 2e-5 });
		}
		expect(at).toBe(length);
		let grown = ids;
		for (let step = 0; step < 5; step++) {
			const rows = (scores as Tensor).dataSync();
			const chosen = [0, 1].map((row) =>
				argMax(rows.subarray(row * sizes.vocabularySize, (row + 1) * sizes.vocabularySize)),
			);
			const next = intTensor(chosen, [batch, 1]);
			grown = concat([grown, next], 1);
			scores = session.append(next);
		}
		const all = model.logits(model.parameters, grown).dataSync();
		for (let row = 0; row < batch; row++)
			for (let position = length; position < length + 5; position++) {
				const from = (row * (length + 5) + position - 1) * sizes.vocabularySize;
				expect(argMax(all.subarray(from, from + sizes.vocabularySize))).toBe(
					grown.dataSync()[row * (length + 5) + position],
				);
			}
		expect(session.stateBytes).toBeGreaterThan(0);
		session.dispose();
	});
}

describe("decoding in pieces gives the scores of the whole, and its choices", () => {
	it.each(
		Object.keys(causalAttentions).map(
			(name, index) => [name, ...(variants[index % variants.length] as (typeof variants)[number])] as const,
		),
	)("%s, %s", (name, _, options) => {
		expectDecoding({ ...sizes, attention: causalAttentions[name] as Attention, ...options });
	});

	it.each(["window", "linear"].flatMap((name) => variants.map(([what, options]) => [name, what, options] as const)))(
		"%s, %s",
		(name, _, options) => {
			expectDecoding({ ...sizes, attention: causalAttentions[name] as Attention, ...options });
		},
	);

	it("of layers and heads that take turns", () => {
		const { window, linear: state } = causalAttentions as Record<string, Attention>;
		expectDecoding({ ...sizes, layers: 3, attention: [window as Attention, [state as Attention, full(causal)]] });
	});

	it.each(Object.entries(hashedAttentions))("%s: finite scores of the right shape", (_, attention) => {
		withModel({ ...sizes, attention }, (model) => {
			const session = model.startDecoding(model.parameters, 2);
			for (const piece of [20, 1, 1, 18]) {
				const scores = session.append(drawIds(2, piece));
				expect(scores.shape).toEqual([2, 11]);
				expect(scores.dataSync().every(Number.isFinite)).toBe(true);
			}
			session.dispose();
		});
	});

	it("frees everything with the session", () => {
		withModel({ ...sizes, attention: causalAttentions["by head, window and linear"] as Attention }, (model) => {
			const ids = drawIds(1, 7);
			const before = wasm.memoryStats().buffers;
			const session = model.startDecoding(model.parameters);
			scope(() => void session.append(ids));
			expect(wasm.memoryStats().buffers).toBeGreaterThan(before);
			session.dispose();
			expect(wasm.memoryStats().buffers).toBe(before);
			expect(() => session.append(ids)).toThrow(/this decoding session was disposed/);
			expect(wasm.memoryStats().buffers).toBe(before);
		});
	});
});

describe("training", () => {
	/**
	 * Two sequences that differ at even positions and agree at odd ones, after which only earlier tokens tell what follows: without
	 * attention the loss is at least half of log 2, 0.35.
	 */
	const rows = [0, 5].map((first) =>
		Array.from({ length: 13 }, (_, at) => (at % 2 === 1 ? 10 : first + ((at / 2) % 5))),
	);
	const losses = (options: Partial<LanguageModelOptions>, attention: Attention, steps: number): number[] => {
		const found: number[] = [];
		withModel({ ...sizes, ...options, attention }, ({ parameters: start, loss }) => {
			const ids = intTensor(rows.flat(), [2, 13]);
			const optimizer = adamW({ learningRate: 0.02 });
			let parameters = start;
			const step = valueAndGrad(loss);
			for (let at = 0; at < steps; at++) {
				const { value, gradient } = step(parameters, ids);
				found.push(value.dataSync()[0] as number);
				parameters = optimizer.step(parameters, gradient);
			}
		});
		return found;
	};

	it.each(Object.entries({ ...causalAttentions, ...hashedAttentions }))(
		"%s overfits a batch that needs attention",
		(_, attention) => {
			const all = losses({}, attention, 60);
			expect(all[0]).toBeGreaterThan(1);
			expect(Math.min(...all)).toBeLessThan(0.05);
		},
	);

	it.each(["stored", "reversible"] as const)("starts near the loss of guessing, %s", (activations) => {
		const settings = { dim: 128, heads: 4, layers: 4, maxLength: 128, activations, attention: linear(causal) };
		withModel(settings, ({ parameters, loss }) => {
			const ids = intTensor(integersBetween(2 * 129, 1, 0, 256), [2, 129]);
			const start = loss(parameters, ids).dataSync()[0] as number;
			expect(Math.abs(start - Math.log(256))).toBeLessThan(1);
		});
	});

	it.each([
		["checkpointed", { activations: "checkpointed", norm: "post" }],
		["reversible", { activations: "reversible" }],
		["rotary", { positions: "rotary" }],
	] as const)("%s, too", (_, options) => {
		expect(Math.min(...losses(options, causalAttentions.window as Attention, 60))).toBeLessThan(0.05);
	});
});

describe("languageModel", () => {
	it.each([
		["stored", {}],
		["own output weights, gated", { tieWeights: false, feedForward: { hidden: 5, activation: "geglu" } }],
		["reversible", { activations: "reversible", streamMerge: "concatenated", positions: "rotary" }],
		[
			"mechanisms by layer and head",
			{ attention: [linear(causal), [reformer({ ...causal, fullAttentionBelow: 64 }), full(causal)]] },
		],
	] as const)("has the gradients that differences give, with dropout: %s", (_, options) => {
		setCurrentDevice(exact);
		const settings = {
			...sizes,
			dim: 8,
			maxLength: 6,
			attention: slidingWindow({ window: 2, ...causal }),
			dropout: 0.2,
			...options,
		};
		const ids = drawIds(2, 7);
		withModel(settings, ({ parameters, loss }) => {
			expectTreeGradients(exact, parameters, (current) => loss(current, ids, { random: { seed: 4 } }));
		});
	});

	it("predicts from earlier tokens only, and gives equal models for equal seeds", () => {
		const scores = (seed: number, last: number) => {
			let values: Float32Array = new Float32Array();
			withModel({ ...sizes, attention: full(causal), seed }, (model) => {
				values = model.logits(model.parameters, intTensor([1, 2, 3, last], [1, 4])).dataSync();
			});
			return values;
		};
		expect(scores(3, 5)).toEqual(scores(3, 5));
		expect(scores(3, 5)).not.toEqual(scores(4, 5));
		expect(scores(3, 5).slice(0, 33)).toEqual(scores(3, 6).slice(0, 33));
		expect(scores(3, 5).slice(33)).not.toEqual(scores(3, 6).slice(33));
	});

	it("has the mean cross-entropy of what follows as its loss, or of given targets", () => {
		setCurrentDevice(exact);
		withModel({ ...sizes, attention: full(causal) }, (model) => {
			const ids = drawIds(2, 9);
			const [inputs, next] = [slice(ids, 1, 0, 8), slice(ids, 1, 1)];
			const each = crossEntropy(model.logits(model.parameters, inputs), next);
			const value = (loss: Tensor) => exactValues(loss)[0] as number;
			const whole = value(mean(each));
			expect(value(model.loss(model.parameters, ids))).toBeCloseTo(whole, 9);
			expect(value(model.loss(model.parameters, inputs, { targets: next }))).toBeCloseTo(whole, 9);
			const counted = Array.from(next.dataSync(), (id, at) => (at % 3 === 0 ? id : -100));
			const some = exactValues(each).filter((_, at) => at % 3 === 0);
			const targets = intTensor(counted, [2, 8]);
			expect(value(model.loss(model.parameters, inputs, { targets }))).toBeCloseTo(
				some.reduce((a, b) => a + b) / some.length,
				9,
			);
			const none = intTensor(new Array(16).fill(-100), [2, 8]);
			expect(value(model.loss(model.parameters, inputs, { targets: none }))).toBe(0);
		});
	});

	it("learns from sequences of mixed lengths as from each by itself", () => {
		setCurrentDevice(exact);
		const sequences = [
			[1, 2, 3, 4, 5, 6, 7],
			[8, 9, 10],
		];
		withModel({ ...sizes, attention: full(causal) }, (model) => {
			const alone = sequences.map((ids) => {
				const { value, gradient } = valueAndGrad(model.loss)(model.parameters, intTensor(ids, [1, ids.length]));
				return { value: exactValues(value)[0] as number, tokens: exactValues(gradient.tokens) };
			});
			// 6 tokens to predict, and 2.
			const mean = (a: number, b: number) => (6 * a + 2 * b) / 8;
			const { ids, keyMask } = padSequences(sequences, { padId: 4 });
			const targets = intTensor([2, 3, 4, 5, 6, 7, 9, 10, -100, -100, -100, -100], [2, 6]);
			for (const [inputs, options] of [
				[ids, { keyMask }],
				[slice(ids, 1, 0, -1), { targets }],
				[slice(ids, 1, 0, -1), { targets, keyMask: slice(keyMask as Tensor<"int32">, 1, 0, -1) }],
			] as const) {
				const { value, gradient } = valueAndGrad(model.loss)(model.parameters, inputs, options);
				const [long, short] = alone as [(typeof alone)[number], (typeof alone)[number]];
				expect(exactValues(value)[0]).toBeCloseTo(mean(long.value, short.value), 9);
				exactValues(gradient.tokens).forEach((own, at) => {
					expect(own).toBeCloseTo(mean(long.tokens[at] as number, short.tokens[at] as number), 9);
				});
			}
		});
	});

	it("has its own output weights where they are not tied, or where the streams are wider", () => {
		const outputOf = (options: Partial<LanguageModelOptions>) => {
			let shape: readonly number[] | undefined;
			withModel({ ...sizes, attention: full(causal), ...options }, ({ parameters }) => {
				shape = parameters.output?.shape;
			});
			return shape;
		};
		expect(outputOf({})).toBeUndefined();
		expect(outputOf({ tieWeights: false })).toEqual([11, 16]);
		expect(outputOf({ activations: "reversible" })).toBeUndefined();
		expect(outputOf({ activations: "reversible", streamMerge: "concatenated" })).toEqual([11, 32]);
	});

	it("leaves out the hidden states of padding", () => {
		withModel({ ...sizes, attention: full(causal), positions: "none" }, (model) => {
			const ids = drawIds(1, 6);
			const padded = concat([intTensor([0, 0], [1, 2]), ids], 1);
			const keyMask = intTensor([0, 0, 1, 1, 1, 1, 1, 1], [1, 8]);
			const scores = model.logits(model.parameters, padded, { keyMask });
			expectAllClose(slice(scores, 1, 2).dataSync(), model.logits(model.parameters, ids).dataSync(), {
				relative: 1e-4,
				absolute: 1e-5,
			});
		});
	});

	const options = { ...sizes, attention: full(causal) as Attention };
	const using = (body: (model: LanguageModel) => unknown, more: Partial<LanguageModelOptions> = {}) =>
		withModel({ ...options, ...more }, (model) => void body(model));
	itRefuses(
		() => wasm,
		[
			[
				"attention that sees ahead",
				() => languageModel({ ...options, attention: full() }),
				OptionError,
				/languageModel: attention is "full", which is not causal/,
			],
			[
				"such attention of some heads",
				() => languageModel({ ...options, attention: [full(causal), [full(causal), linear()]] }),
				OptionError,
				/which is not causal/,
			],
			[
				"no attention",
				() => languageModel({ ...options, attention: undefined as never }),
				OptionError,
				/languageModel: attention is undefined; expected an attention, such as .*, or a list of them/,
			],
			[
				"an empty list of attentions",
				() => languageModel({ ...options, attention: [] }),
				OptionError,
				/attention is an empty list/,
			],
			[
				"an empty list of heads",
				() => languageModel({ ...options, attention: [[]] }),
				OptionError,
				/languageModel: attention is a list with an empty list in it/,
			],
			[
				"a list with something else in it",
				() => languageModel({ ...options, attention: ["local"] as never }),
				OptionError,
				/attention is a list with "local" in it/,
			],
			[
				"the function that makes an attention",
				() => languageModel({ ...options, attention: full as never }),
				OptionError,
				/languageModel: attention is the function full; expected an attention/,
			],
			[
				"a misspelt option",
				() => languageModel({ ...options, droput: 0.1 } as never),
				OptionError,
				/languageModel: droput is no option; expected .*dropout/,
			],
			[
				"a misspelt option of a part",
				() => languageModel({ ...options, feedForward: { chunk: 8 } } as never),
				OptionError,
				/feedForward: chunk is no option; expected hidden, activation, chunkLength/,
			],
			["no options", () => languageModel(undefined as never), OptionError, /languageModel: options is undefined/],
			[
				"tied weights that are neither true nor false",
				() => languageModel({ ...options, tieWeights: "yes" as never }),
				OptionError,
				/tieWeights is "yes"; expected true or false/,
			],
			[
				"misspelt options of a call",
				() => using((model) => model.loss(model.parameters, drawIds(1, 4), { target: drawIds(1, 4) } as never)),
				OptionError,
				/languageModel: target is no option; expected keyMask, random, targets/,
			],
			[
				"no weights",
				() => using((model) => model.logits(undefined as never, drawIds(1, 4))),
				OptionError,
				/languageModel: parameters is undefined/,
			],
			[
				"the weights of another vocabulary",
				() =>
					using((model) =>
						withModel(
							{ ...options, vocabularySize: 12 },
							(other) => void model.logits(other.parameters, drawIds(1, 4)),
						),
					),
				ShapeError,
				/languageModel: parameters.tokens has shape \[12, 16\]; expected \[11, 16\]/,
			],
			[
				"the weights of another depth",
				() => using((model) => void model.startDecoding({ ...model.parameters, blocks: [] })),
				OptionError,
				/languageModel: parameters.blocks has 0 layers; expected \d/,
			],
			[
				"a mask of another shape than the ids",
				() => using((model) => model.loss(model.parameters, drawIds(1, 4), { keyMask: intTensor([1, 1, 1], [1, 3]) })),
				ShapeError,
				/languageModel: argument keyMask has shape \[1, 3\]; expected \[1, 4\]/,
			],
			[
				"more mechanisms than heads",
				() =>
					using((model) => model.logits(model.parameters, drawIds(1, 4)), {
						attention: perHead([full(causal), full(causal), full(causal)]),
					}),
				OptionError,
				/perHead: there are 2 heads for 3 mechanisms/,
			],
			[
				"heads that do not divide",
				() => languageModel({ ...options, heads: 3 }),
				OptionError,
				/dim is 16; expected a multiple of heads, 3/,
			],
			["no layers", () => languageModel({ ...options, layers: 0 }), OptionError, /layers is 0/],
			["no tokens", () => languageModel({ ...options, vocabularySize: 0 }), OptionError, /vocabularySize is 0/],
			["a seed below 0", () => languageModel({ ...options, seed: -1 }), OptionError, /seed is -1/],
			[
				"learned positions without an end",
				() => languageModel({ ...options, maxLength: undefined as never }),
				OptionError,
				/languageModel: maxLength is undefined/,
			],
			[
				"unknown activations",
				() => languageModel({ ...options, activations: "offloaded" as "stored" }),
				OptionError,
				/activations is "offloaded"/,
			],
			[
				"reversible with norm post",
				() => languageModel({ ...options, activations: "reversible", norm: "post" }),
				OptionError,
				/norm is "post"; reversible blocks have none/,
			],
			[
				"a merge of one stream",
				() => languageModel({ ...options, streamMerge: "averaged" }),
				OptionError,
				/streamMerge is given/,
			],
			[
				"tied weights of concatenated streams",
				() => languageModel({ ...options, activations: "reversible", streamMerge: "concatenated", tieWeights: true }),
				OptionError,
				/tieWeights is true; concatenated streams are 32 wide, token embeddings 16/,
			],
			[
				"ids that are no tensor",
				() => using((model) => model.logits(model.parameters, [1, 2] as never)),
				DTypeError,
				/languageModel: argument ids is an array/,
			],
			[
				"ids of one axis",
				() => using((model) => model.logits(model.parameters, intTensor([1, 2], [2]))),
				ShapeError,
				/ids have shape \[2\]; expected \[batch, length\]/,
			],
			[
				"one id to learn from",
				() => using((model) => model.loss(model.parameters, intTensor([1], [1, 1]))),
				ShapeError,
				/ids have shape \[1, 1\]; expected \[batch, length \+ 1\]/,
			],
			[
				"unknown ids",
				() => using((model) => model.logits(model.parameters, intTensor([11], [1, 1]))),
				OptionError,
				/ids hold 11; expected 0 to 10/,
			],
			[
				"targets of another shape",
				() => using((model) => model.loss(model.parameters, drawIds(1, 4), { targets: drawIds(1, 3) })),
				ShapeError,
				/targets has shape \[1, 3\]; expected \[1, 4\]/,
			],
			[
				"a sequence beyond the positions",
				() => using((model) => model.logits(model.parameters, drawIds(1, 65))),
				ShapeError,
				/length of 65; expected at most 64/,
			],
			[
				"a session of no sequences",
				() => using((model) => model.startDecoding(model.parameters, 0)),
				OptionError,
				/batch is 0/,
			],
			[
				"another batch than the session's",
				() =>
					using((model) => {
						const session = model.startDecoding(model.parameters, 2);
						try {
							session.append(drawIds(1, 3));
						} finally {
							session.dispose();
						}
					}),
				ShapeError,
				/languageModel: ids have shape \[1, 3\]; expected \[2, length\]/,
			],
		],
	);
});

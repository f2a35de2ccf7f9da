import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	type Attention,
	adamW,
	bigBird,
	type Device,
	DTypeError,
	efficient,
	etcAttention,
	full,
	init,
	intTensor,
	linear,
	linformer,
	localChunked,
	longformer,
	maskedLanguageModel,
	maskTokens,
	OptionError,
	padSequences,
	patterned,
	randomAttention,
	reformer,
	ShapeError,
	scope,
	sequenceClassifier,
	setCurrentDevice,
	slidingWindow,
	sparseTransformer,
	starAttention,
	type Tensor,
	type TensorTree,
	taylor,
	tokenClassifier,
	treeTensors,
	valueAndGrad,
} from "../../index.js";
import { expectModelGradients } from "../../testing/model-gradients.js";
import { integersBetween } from "../../testing/random-values.js";
import { itRefuses } from "../../testing/refusals.js";
import type { ModelAttention } from "../model-attention.js";
import type { TransformerOptions } from "../transformer.js";

let device: Device;
let exact: Device;
beforeAll(async () => {
	exact = await init({ device: "reference" });
	device = await init({ threads: 1 });
});
beforeEach(() => setCurrentDevice(device));
afterAll(() => {
	device.dispose();
	exact.dispose();
});

/** Of which what a token sees depends on the distance of keys alone, not on the length of the sequence. */
const unchanging: readonly (readonly [string, ModelAttention])[] = [
	["full", full()],
	["sliding window", slidingWindow({ window: 3 })],
	["dilated window", slidingWindow({ window: 2, dilation: 2 })],
	["longformer", longformer({ window: 2, globalTokens: [0] })],
	["sparse strided", sparseTransformer({ pattern: "strided", stride: 4, causal: false })],
	["sparse fixed", sparseTransformer({ pattern: "fixed", stride: 4, summary: 1, causal: false })],
	["local", localChunked({ chunkLength: 4, before: 1, after: 1, wrap: "none" })],
	["patterned", patterned({ pattern: (i, j) => (i * 3 + j) % 2 === 0 })],
	["linformer", linformer({ maxLength: 24, projectedLength: 6 })],
	["linear", linear()],
	["taylor", taylor()],
	["efficient", efficient()],
	["causal window", slidingWindow({ window: 5, causal: true })],
	["heads of two mechanisms", [[slidingWindow({ window: 2 }), linear()]]],
	["layers of two mechanisms", [longformer({ window: 2, globalTokens: [0] }), full()]],
];
const changing: readonly (readonly [string, Attention])[] = [
	["bigBird", bigBird({ blockSize: 4, randomBlocks: 1, fullBelow: 0 })],
	["etc", etcAttention({ radius: 2, globalTokens: 3 })],
	["reformer", reformer({ chunkLength: 4, numHashes: 2, buckets: 4 })],
	["local, circular", localChunked({ chunkLength: 4, before: 1, after: 1 })],
	["random", randomAttention({ blockSize: 4, blocks: 2 })],
	["star", starAttention()],
];
const every = [...unchanging, ...changing];

const length = 24;
const sizes = { vocabularySize: 13, maxLength: length, dim: 16, layers: 2, heads: 2, seed: 5 } as const;
const row = (seed: number, count = length) => integersBetween(count, seed, 0, sizes.vocabularySize);
const valuesOf = (x: Tensor) => Array.from(x.dataSync());

function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 2e-5): void {
	expect(actual.length).toBe(expected.length);
	expect(Math.max(...actual.map((value, at) => Math.abs(value - (expected[at] as number))))).toBeLessThan(tolerance);
}

describe("encoders", () => {
	it.each(every)("with %s attention hide what padding holds and what neighbours in the batch are", (_, attention) => {
		scope(() => {
			const tokens = tokenClassifier({ ...sizes, attention, classes: 3 });
			const sequences = sequenceClassifier({ ...sizes, attention, classes: 3 });
			const [short, classes] = [17, 3];
			const outputs = (padId: number, neighbour: number) => {
				const { ids, keyMask } = padSequences([row(1, short), row(neighbour)], { padId });
				const perToken = valuesOf(tokens.logits(tokens.parameters, ids, { keyMask }));
				const pooled = valuesOf(sequences.logits(sequences.parameters, ids, { keyMask }));
				return [perToken.slice(0, short * classes), pooled.slice(0, classes)] as const;
			};
			const expected = outputs(0, 2);
			for (const actual of [outputs(7, 2), outputs(0, 3)])
				actual.forEach((values, at) => {
					expectClose(values, expected[at] as number[]);
				});
		});
	});

	it.each(unchanging)("with %s attention give a sequence the same with padding as without", (_, attention) => {
		scope(() => {
			for (const pooling of ["mean", "first"] as const) {
				const { logits, parameters } = sequenceClassifier({ ...sizes, attention, classes: 3, pooling });
				const alone = valuesOf(logits(parameters, intTensor(row(1, 17), [1, 17])));
				const { ids, keyMask } = padSequences([row(1, 17), row(2)]);
				expectClose(valuesOf(logits(parameters, ids, { keyMask })).slice(0, 3), alone);
			}
		});
	});

	it.each(every)("with %s attention learn to fill in masked tokens", (_, attention) => {
		const model = maskedLanguageModel({ ...sizes, attention });
		const optimizer = adamW({ learningRate: 0.01 });
		const { keyMask, ...batch } = maskTokens([row(1), row(2, 20)], {
			maskId: 12,
			vocabularySize: 13,
			probability: 0.3,
		});
		let { parameters } = model;
		let last = Number.NaN;
		for (let step = 0; step < 150 && !(last < 0.1); step++) {
			const { value, gradient } = valueAndGrad(model.loss)(parameters, batch, { keyMask });
			[last] = value.dataSync() as unknown as [number];
			value.dispose();
			parameters = optimizer.step(parameters, gradient);
		}
		expect(last).toBeLessThan(0.1);
		optimizer.dispose();
	});
});

/** Options that change what the heads are given. */
const variants: readonly (readonly [string, Partial<TransformerOptions>])[] = [
	["window", { attention: slidingWindow({ window: 2 }) }],
	["linformer, post-norm", { attention: linformer({ maxLength: 6, projectedLength: 2 }), norm: "post" }],
	["concatenated streams", { activations: "reversible", streamMerge: "concatenated" }],
	["checkpoints and dropout", { activations: "checkpointed", dropout: 0.2 }],
	["halting", { recurrence: { halting: {} } }],
];

describe("gradients equal central differences", () => {
	const options = { vocabularySize: 7, maxLength: 6, dim: 4, layers: 2, heads: 2, attention: full() };
	const batch = () =>
		padSequences([
			[1, 2, 3, 4, 5, 6],
			[0, 6, 2, 1],
		]);
	const random = { seed: 1 };
	beforeEach(() => setCurrentDevice(exact));

	it.each(variants)("masked language model, %s", (_, own) => {
		const { parameters, loss } = maskedLanguageModel({ ...options, ...own });
		const { ids, keyMask } = batch();
		const [positions, targets] = [intTensor([1, 4, 9, 0]), intTensor([5, 0, 3, -100])];
		expectModelGradients(exact, parameters, (p) => loss(p, { ids, positions, targets }, { keyMask, random }));
	});

	it.each(variants)("sequence classifier, %s", (_, own) => {
		const { ids, keyMask } = batch();
		for (const pooling of ["mean", "first"] as const) {
			const { parameters, loss } = sequenceClassifier({ ...options, ...own, pooling, classes: 3 });
			const labels = intTensor([2, 0]);
			expectModelGradients(exact, parameters, (p) => loss(p, { ids, labels }, { keyMask, random }));
		}
	});

	it.each(variants)("token classifier, %s", (_, own) => {
		const { parameters, loss } = tokenClassifier({ ...options, ...own, classes: 3 });
		const { ids, keyMask } = batch();
		const targets = intTensor([0, 1, 2, -100, 1, 1, 2, 2, 0, 1, -100, -100], [2, 6]);
		expectModelGradients(exact, parameters, (p) => loss(p, { ids, targets }, { keyMask, random }));
	});
});

describe("losses", () => {
	const attention = full();
	const logSoftmaxAt = (scores: readonly number[], target: number) =>
		(scores[target] as number) - Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
	const rowsOf = (x: Tensor) => {
		const [values, width] = [valuesOf(x), x.shape[x.rank - 1] as number];
		return Array.from({ length: values.length / width }, (_, at) => values.slice(at * width, (at + 1) * width));
	};
	const meanLoss = (rows: readonly number[][], targets: readonly number[]) => {
		const losses = targets.flatMap((target, at) =>
			target === -100 ? [] : [-logSoftmaxAt(rows[at] as number[], target)],
		);
		return losses.reduce((a, b) => a + b, 0) / losses.length;
	};

	it("are the mean cross-entropy of what counts", () => {
		scope(() => {
			const { ids, keyMask } = padSequences([row(1), row(2, 20)]);
			const masked = maskedLanguageModel({ ...sizes, attention });
			const [places, hidden] = [
				[3, 3, 40, 0],
				[1, 5, 12, -100],
			];
			const [positions, words] = [intTensor(places), intTensor(hidden)];
			expect(masked.loss(masked.parameters, { ids, positions, targets: words }, { keyMask }).dataSync()[0]).toBeCloseTo(
				meanLoss(rowsOf(masked.logits(masked.parameters, ids, positions, { keyMask })), hidden),
				5,
			);
			const sequences = sequenceClassifier({ ...sizes, attention, classes: 3 });
			const labels = intTensor([2, 1]);
			expect(sequences.loss(sequences.parameters, { ids, labels }, { keyMask }).dataSync()[0]).toBeCloseTo(
				meanLoss(rowsOf(sequences.logits(sequences.parameters, ids, { keyMask })), [2, 1]),
				5,
			);
			const tokens = tokenClassifier({ ...sizes, attention, classes: 3 });
			const classes = integersBetween(2 * length, 4, 0, 3).map((target, at) => (at % 3 ? target : -100));
			const targets = intTensor(classes, [2, length]);
			expect(tokens.loss(tokens.parameters, { ids, targets }, { keyMask }).dataSync()[0]).toBeCloseTo(
				meanLoss(rowsOf(tokens.logits(tokens.parameters, ids, { keyMask })), classes),
				5,
			);
		});
	});

	it("score many words in pieces, with the same gradient", () => {
		scope(() => {
			// 2^22 / 2^16 = 64 rows at once.
			const vocabularySize = 2 ** 16;
			const model = maskedLanguageModel({ ...sizes, dim: 4, layers: 1, vocabularySize, attention });
			const ids = intTensor(row(1), [1, length]);
			const places = integersBetween(100, 5, 0, length);
			const words = integersBetween(100, 6, 0, vocabularySize);
			const lossOf = (from: number, to: number) =>
				valueAndGrad(model.loss)(model.parameters, {
					ids,
					positions: intTensor(places.slice(from, to)),
					targets: intTensor(words.slice(from, to)),
				});
			const [whole, ...halves] = [lossOf(0, 100), lossOf(0, 50), lossOf(50, 100)];
			const [all, one, two] = [whole, ...halves].map(({ gradient }) => valuesOf(gradient.head.transform.weight)) as [
				number[],
				number[],
				number[],
			];
			expectClose(
				all,
				one.map((value, at) => (value + (two[at] as number)) / 2),
				1e-6,
			);
		});
	});

	it("have the cost of halting where positions stop by themselves", () => {
		scope(() => {
			const labels = intTensor([1]);
			const lossAt = (ponderWeight: number) => {
				const recurrence = { halting: {}, ponderWeight };
				const model = sequenceClassifier({ ...sizes, attention, classes: 3, recurrence });
				return model.loss(model.parameters, { ids: intTensor(row(1), [1, length]), labels }).dataSync()[0] as number;
			};
			expect(lossAt(0.5) - lossAt(0)).toBeGreaterThan(0.5);
		});
	});

	it("drop the same for the same source, and nothing without one", () => {
		scope(() => {
			const { loss, parameters } = sequenceClassifier({ ...sizes, attention, classes: 3, dropout: 0.3 });
			const batch = { ids: intTensor(row(1), [1, length]), labels: intTensor([1]) };
			const at = (step?: number) =>
				loss(parameters, batch, step === undefined ? {} : { random: { seed: 1, step } }).dataSync()[0];
			expect(at(3)).toBe(at(3));
			expect(at(3)).not.toBe(at(4));
			expect(at()).toBe(at());
		});
	});
});

describe("bad input gives one error that names the argument", () => {
	const ofWords = { ...sizes, attention: full() };
	const options = { ...ofWords, classes: 3 };
	const ids = () => intTensor(row(1), [1, length]);
	/** Calls a model that is freed again. */
	const using = <M extends { readonly parameters: TensorTree }>(model: M, act: (model: M) => unknown) => {
		try {
			return act(model);
		} finally {
			for (const weight of treeTensors(model.parameters)) weight.dispose();
		}
	};
	const classify = (labels: Tensor<"int32">) =>
		using(sequenceClassifier(options), ({ loss, parameters }) => loss(parameters, { ids: ids(), labels }));
	const tag = (targets: Tensor<"int32">) =>
		using(tokenClassifier(options), ({ loss, parameters }) => loss(parameters, { ids: ids(), targets }));
	const fill = (positions: Tensor<"int32">, targets: Tensor<"int32">) =>
		using(maskedLanguageModel(ofWords), ({ loss, parameters }) => loss(parameters, { ids: ids(), positions, targets }));
	itRefuses(
		() => device,
		[
			[
				"one class",
				() => sequenceClassifier({ ...options, classes: 1 }),
				OptionError,
				/sequenceClassifier: classes is 1/,
			],
			[
				"classes that are no number",
				() => tokenClassifier({ ...options, classes: undefined as unknown as number }),
				OptionError,
				/tokenClassifier: classes is undefined; expected an integer of at least 2/,
			],
			[
				"another pooling",
				() => sequenceClassifier({ ...options, pooling: "last" as "mean" }),
				OptionError,
				/pooling is "last"; expected "first" or "mean"/,
			],
			[
				"options that are those of another model",
				() => maskedLanguageModel(options),
				OptionError,
				/maskedLanguageModel: classes is no option/,
			],
			[
				"a misspelt option",
				() => sequenceClassifier({ ...options, poling: "mean" } as never),
				OptionError,
				/sequenceClassifier: poling is no option; expected .*pooling/,
			],
			[
				"no batch",
				() => using(tokenClassifier(options), ({ loss, parameters }) => loss(parameters, undefined as never)),
				OptionError,
				/tokenClassifier: batch is undefined; expected an object/,
			],
			[
				"lengths in place of a mask",
				() =>
					using(tokenClassifier(options), ({ logits, parameters }) =>
						logits(parameters, ids(), { lengths: [3] } as never),
					),
				OptionError,
				/tokenClassifier: lengths is no option; expected keyMask, random/,
			],
			[
				"no vocabulary",
				() => maskedLanguageModel({ ...ofWords, vocabularySize: undefined as unknown as number }),
				OptionError,
				/maskedLanguageModel: vocabularySize is undefined/,
			],
			[
				"a label that is no class",
				() => classify(intTensor([3])),
				OptionError,
				/sequenceClassifier: labels hold 3; expected 0 to 2$/,
			],
			["a label to ignore", () => classify(intTensor([-100])), OptionError, /labels hold -100; expected 0 to 2$/],
			[
				"labels for another batch",
				() => classify(intTensor([0, 1])),
				ShapeError,
				/sequenceClassifier: labels have shape \[2\]; expected \[1\]/,
			],
			[
				"labels that are missing",
				() => classify(undefined as unknown as Tensor<"int32">),
				DTypeError,
				/argument labels is undefined/,
			],
			[
				"a target that is no class",
				() => tag(intTensor(new Array(length).fill(4), [1, length])),
				OptionError,
				/tokenClassifier: targets hold 4; expected 0 to 2, or -100 to ignore/,
			],
			[
				"targets of another length",
				() => tag(intTensor([1], [1, 1])),
				ShapeError,
				/targets have shape \[1, 1\]; expected \[1, 24\]/,
			],
			[
				"a position beyond the batch",
				() => fill(intTensor([24]), intTensor([1])),
				OptionError,
				/maskedLanguageModel: positions hold 24; expected 0 to 23/,
			],
			[
				"targets for other positions",
				() => fill(intTensor([1, 2]), intTensor([1])),
				ShapeError,
				/targets have shape \[1\]; expected \[2\]/,
			],
			[
				"a word that is none",
				() => fill(intTensor([1]), intTensor([13])),
				OptionError,
				/targets hold 13; expected 0 to 12, or -100 to ignore/,
			],
		],
	);
});

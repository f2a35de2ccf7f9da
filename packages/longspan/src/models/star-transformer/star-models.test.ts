import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	adamW,
	type Device,
	embedding,
	init,
	intTensor,
	meanNode,
	OptionError,
	padSequences,
	ShapeError,
	type StarClassifierOptions,
	type StarEncoderOptions,
	scope,
	setCurrentDevice,
	starEncoder,
	starSequenceClassifier,
	starTokenClassifier,
	starTransformerLayer,
	type Tensor,
	treeTensors,
	valueAndGrad,
} from "../../index.js";
import { expectModelGradients } from "../../testing/model-gradients.js";
import { integersBetween } from "../../testing/random-values.js";
import { itRefuses } from "../../testing/refusals.js";

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

const sizes = { vocabularySize: 13, dim: 16, layers: 2, heads: 2, seed: 5 } as const;
/** The released implementation, as far as it differs. */
const fastNlp = { ring: "zero-padded", normalization: "before", activation: "leaky-relu" } as const;
const variants: readonly (readonly [string, Partial<StarEncoderOptions>])[] = [
	["as in the paper", {}],
	["as fastNLP", { ...fastNlp, headDim: 3, positions: "learned", maxLength: 24 }],
];
const row = (seed: number, count = 24) => integersBetween(count, seed, 0, sizes.vocabularySize);
const valuesOf = (x: Tensor) => Array.from(x.dataSync());

function expectClose(actual: readonly number[], expected: readonly number[]): void {
	expect(actual.length).toBe(expected.length);
	expect(Math.max(...actual.map((value, at) => Math.abs(value - (expected[at] as number))))).toBeLessThan(1e-5);
}

describe("Star-Transformers", () => {
	it("are their layers, one after the other", () => {
		scope(() => {
			const { parameters, encode } = starEncoder(sizes);
			const ids = intTensor(row(1), [1, 24]);
			const embeddings = embedding(parameters.tokens, ids);
			const layer = starTransformerLayer(sizes);
			let state = { nodes: embeddings, relay: meanNode(embeddings) };
			for (const weights of parameters.layers) state = layer({ ...state, embeddings }, weights);
			const actual = encode(parameters, ids);
			expect(valuesOf(actual.nodes)).toEqual(valuesOf(state.nodes));
			expect(valuesOf(actual.relay)).toEqual(valuesOf(state.relay));
		});
	});

	it.each(variants)("%s give a sequence the same in any batch, with padding or without", (_, own) => {
		scope(() => {
			const options = { ...sizes, ...own, classes: 3 };
			const [sequences, tokens] = [starSequenceClassifier(options), starTokenClassifier(options)];
			const outputs = ({ ids, lengths }: { ids: Tensor<"int32">; lengths?: readonly number[] }) =>
				[
					valuesOf(sequences.logits(sequences.parameters, ids, { lengths })).slice(0, 3),
					valuesOf(tokens.logits(tokens.parameters, ids, { lengths })).slice(0, 17 * 3),
				] as const;
			const [pooled, perToken] = outputs({ ids: intTensor(row(1, 17), [1, 17]) });
			for (const [neighbour, padId] of [
				[2, 0],
				[3, 0],
				[2, 7],
			] as const) {
				const padded = outputs(padSequences([row(1, 17), row(neighbour)], { padId }));
				expectClose(padded[0], pooled);
				expectClose(padded[1], perToken);
			}
		});
	});

	it("without positions see a ring: turning it turns the nodes", () => {
		scope(() => {
			const { parameters, encode } = starEncoder(sizes);
			const ids = row(1);
			const turned = [...ids.slice(5), ...ids.slice(0, 5)];
			const nodes = valuesOf(encode(parameters, intTensor(ids, [1, 24])).nodes);
			expectClose(valuesOf(encode(parameters, intTensor(turned, [1, 24])).nodes), [
				...nodes.slice(5 * 16),
				...nodes.slice(0, 5 * 16),
			]);
		});
	});

	it.each(variants)("%s have gradients that equal central differences", (_, own) => {
		setCurrentDevice(exact);
		const options: StarClassifierOptions = { ...sizes, dim: 6, dropout: 0.2, ...own, classes: 3 };
		const { ids, lengths } = padSequences([row(1, 6), row(2, 4)]);
		const given = { lengths, random: { seed: 1 } };
		const sequences = starSequenceClassifier(options);
		expectModelGradients(exact, sequences.parameters, (p) =>
			sequences.loss(p, { ids, labels: intTensor([2, 0]) }, given),
		);
		const tokens = starTokenClassifier(options);
		const targets = intTensor([0, 1, 2, -100, 1, 1, 2, 2, 0, 1, -100, -100], [2, 6]);
		expectModelGradients(exact, tokens.parameters, (p) => tokens.loss(p, { ids, targets }, given));
	});

	it.each(variants)("%s learn the classes of a few sequences and of their tokens", (_, own) => {
		const options = { ...sizes, ...own, classes: 3 };
		const { ids, lengths } = padSequences([row(1), row(2, 20), row(3, 9)]);
		const learn = <B>({ parameters: first, loss }: ReturnType<typeof starSequenceClassifier>, batch: B) => {
			const optimizer = adamW({ learningRate: 0.01 });
			let parameters = first;
			let last = Number.NaN;
			for (let step = 0; step < 80 && !(last < 0.1); step++) {
				const { value, gradient } = valueAndGrad(loss)(parameters, batch as never, { lengths });
				[last] = value.dataSync() as unknown as [number];
				value.dispose();
				parameters = optimizer.step(parameters, gradient);
			}
			optimizer.dispose();
			return last;
		};
		expect(learn(starSequenceClassifier(options), { ids, labels: intTensor([2, 0, 1]) })).toBeLessThan(0.1);
		const targets = Array.from(ids.dataSync(), (id, at) => (at >= 44 && at < 48 ? -100 : id % 3));
		const tokens = starTokenClassifier(options) as unknown as ReturnType<typeof starSequenceClassifier>;
		expect(learn(tokens, { ids, targets: intTensor(targets, [3, 24]) })).toBeLessThan(0.1);
	});
});

describe("bad input gives one error that names the argument", () => {
	const options = { ...sizes, classes: 3 };
	const using = (act: (model: ReturnType<typeof starSequenceClassifier>) => unknown) => {
		const model = starSequenceClassifier(options);
		try {
			return act(model);
		} finally {
			for (const weight of treeTensors(model.parameters)) weight.dispose();
		}
	};
	itRefuses(
		() => device,
		[
			["no layers", () => starEncoder({ ...sizes, layers: 0 }), OptionError, /starEncoder: layers is 0/],
			["a width heads do not divide", () => starEncoder({ ...sizes, heads: 3 }), OptionError, /dim is 16 for 3 heads/],
			[
				"rotary positions",
				() => starEncoder({ ...sizes, positions: "rotary" as "none" }),
				OptionError,
				/starEncoder: positions is "rotary"; expected "learned", "sinusoidal" or "none"/,
			],
			[
				"learned positions without a length",
				() => starEncoder({ ...sizes, positions: "learned" }),
				OptionError,
				/starEncoder: maxLength is undefined/,
			],
			[
				"a misspelt option",
				() => starEncoder({ ...sizes, rings: "closed" } as never),
				OptionError,
				/rings is no option/,
			],
			[
				"a mask in place of lengths",
				() =>
					using(({ logits, parameters }) =>
						logits(parameters, intTensor([1], [1, 1]), { keyMask: intTensor([1], [1, 1]) } as never),
					),
				OptionError,
				/starSequenceClassifier: keyMask is no option; expected lengths, random/,
			],
			["dropout of everything", () => starEncoder({ ...sizes, dropout: 1 }), OptionError, /dropout is 1/],
			["one class", () => starTokenClassifier({ ...options, classes: 1 }), OptionError, /starTokenClassifier: classes/],
			[
				"ids of one axis",
				() => using(({ logits, parameters }) => logits(parameters, intTensor([1, 2]))),
				ShapeError,
				/starSequenceClassifier: ids have shape \[2\]; expected \[batch, length\]/,
			],
			[
				"a length beyond the batch",
				() => using(({ logits, parameters }) => logits(parameters, intTensor([1, 2], [1, 2]), { lengths: [3] })),
				OptionError,
				/starSequenceClassifier: lengths is 3/,
			],
			[
				"a label that is no class",
				() =>
					using(({ loss, parameters }) => loss(parameters, { ids: intTensor([1, 2], [1, 2]), labels: intTensor([3]) })),
				OptionError,
				/starSequenceClassifier: labels hold 3; expected 0 to 2/,
			],
		],
	);
});

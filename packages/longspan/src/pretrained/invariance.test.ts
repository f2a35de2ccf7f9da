import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { init } from "../init.js";
import { intTensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import { Tensor } from "../tensor/tensor.js";
import { expectClose } from "../testing/conformance/expect-close.js";
import { integersBetween } from "../testing/random-values.js";
import { allClasses, loadTiny, tinyConfigs, tinyVocabulary, tinyWeights } from "../testing/tiny-models.js";
import type { EncoderInputs } from "./architecture.js";
import { modelTypes } from "./auto/registry.js";
import type { PretrainedModel } from "./model.js";
import { disposeParameters } from "./parameters/parameters.js";
import type { WeightSource } from "./parameters/weight-source.js";
import type { Task } from "./tasks.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => device.dispose());

const [padId, separator] = [1, 2];

/**
 * Tokens up to which padding changes nothing. The last block of BigBird is that of the padded text, and the chunks of Reformer, which
 * look into each other in order of buckets, are those of the padded text: there a text is the same up to the end of its block or
 * chunk alone.
 */
const paddingUpTo = (modelType: string, length: number): number =>
	["big_bird", "bigbird_pegasus", "reformer"].includes(modelType) ? 8 * Math.ceil(length / 8) : 160;

/** A text with a question, and its end. */
const textOf = (length: number, seed: number): number[] => {
	const ids = [...integersBetween(length, seed, 4, tinyVocabulary)];
	ids[6] = ids[7] = ids[length - 1] = separator;
	return ids;
};

interface Grid {
	/** Padded length. */
	readonly length: number;
	/** Tokens of padding before each text. */
	readonly shift?: number;
}

/** Texts of several rows as inputs; of multiple choice they are the choices of one entry. */
function inputsOf(
	model: PretrainedModel,
	texts: readonly number[][],
	{ length, shift = 0 }: Grid,
): EncoderInputs & { decoderInputIds?: Tensor<"int32"> } {
	const { task, config, modelType } = model;
	const shape = [...(task === "multiple-choice" ? [1] : []), texts.length];
	const table = (width: number, of: (text: number[], at: number) => number) =>
		intTensor(
			texts.flatMap((text) => Array.from({ length: width }, (_, at) => of(text, at))),
			[...shape, width],
			model.device,
		);
	const writes = task === "seq2seq-lm" || (task === "base" && "decoder_layers" in config);
	return {
		inputIds: table(length, (text, at) => text[at - shift] ?? padId),
		attentionMask: table(length, (text, at) => Number(text[at - shift] !== undefined)),
		...(/longformer|led/.test(modelType) && {
			globalAttentionMask: table(length, (text, at) => Number([0, text.length >> 1].includes(at - shift))),
		}),
		...(writes && { decoderInputIds: table(9, (text, at) => text[at] as number) }),
	};
}

/** What a model makes of one of several texts, by output; of padding nothing. */
function outputsOf(model: PretrainedModel, texts: readonly number[][], row: number, { length, shift = 0 }: Grid) {
	return scope(() => {
		const outputs = model.forward(inputsOf(model, texts, { length, shift }));
		const own: Record<string, Float32Array> = {};
		for (const [name, tensor] of Object.entries(outputs)) {
			if (!(tensor instanceof Tensor)) continue;
			const size = tensor.size / texts.length;
			const values = (tensor as Tensor).dataSync().slice(row * size, (row + 1) * size);
			const width = size / length;
			const tokens = (texts[row] as number[]).length;
			own[name] = tensor.shape[1] === length ? values.slice(shift * width, (shift + tokens) * width) : values;
		}
		return own;
	});
}

function expectSame(
	found: Record<string, Float32Array>,
	expected: Record<string, Float32Array>,
	tolerance = 5e-5,
): void {
	expect(Object.keys(found)).toEqual(Object.keys(expected));
	for (const [name, values] of Object.entries(expected))
		expectClose(name, found[name] as Float32Array, values, tolerance);
}

it("there is a small configuration of every model type", () => {
	expect(Object.keys(tinyConfigs).sort()).toEqual(Object.keys(modelTypes).sort());
});

describe.each(allClasses)("%s", (_name, modelType, task) => {
	const texts = [70, 61, 66].map(textOf);
	const block = paddingUpTo(modelType, 61) - 61;

	it("gives the same for a text alone, with padding and beside others", async () => {
		const model = await loadTiny(modelType, task, { device });
		const text = texts[1] as number[];
		const alone = outputsOf(model, [text], 0, { length: 61 });
		for (const padding of [1, block]) expectSame(outputsOf(model, [text], 0, { length: 61 + padding }), alone);
		for (const length of [70, 72]) {
			const padded = outputsOf(model, [text], 0, { length });
			expectSame(outputsOf(model, texts, 1, { length }), padded);
			expectSame(outputsOf(model, [texts[2] as number[], text], 1, { length }), padded);
		}
		model.dispose();
	});

	it("leaves nothing allocated, whether it runs, is refused or cannot be loaded", async () => {
		const before = device.memoryStats();
		const model = await loadTiny(modelType, task, { device });
		expect(device.memoryStats().liveBytes - before.liveBytes).toBeGreaterThanOrEqual(model.bytes);
		outputsOf(model, texts, 0, { length: 70 });
		const inputs = inputsOf(model, texts, { length: 70 });
		expect(() =>
			scope(() => model.forward({ ...inputs, attentionMask: inputs.decoderInputIds ?? mask([2, 5]) })),
		).toThrow(/attentionMask/);
		disposeParameters(inputs);
		model.dispose();
		expect(leftBy(before)).toEqual([0, 0]);

		const weights = tinyWeights(modelType, task);
		for (const last of [0, 3, weights.names.length - 1]) {
			let reads = 0;
			const breaking: WeightSource = {
				...weights,
				read: async (...range) => {
					if (reads++ === last) throw new OptionError("the connection ended");
					return weights.read(...range);
				},
			};
			await expect(loadTiny(modelType, task, { device, weights: breaking })).rejects.toThrow("the connection ended");
			expect(leftBy(before)).toEqual([0, 0]);
		}
	});
});

describe("on one thread and on several", () => {
	const devices: Device[] = [];
	beforeAll(async () => {
		for (const threads of [1, 2, 4]) devices.push(await init({ device: "wasm", threads }));
	});
	afterAll(() => {
		for (const each of devices) each.dispose();
	});

	const texts = [500, 450, 491].map(textOf);
	const cases = allClasses.flatMap(([name, modelType, task]) =>
		(task === "base" ? (["float32", "float16", "int8"] as const) : (["float32"] as const)).map(
			(format) => [name, format, modelType, task] as const,
		),
	);
	it.each(cases)("%s gives the same bits, weights as %s", async (_name, format, modelType, task) => {
		const [one, ...more] = await Promise.all(
			devices.map(async (each) => {
				const model = await loadTiny(modelType, task, { device: each, format });
				const outputs = outputsOf(model, texts, 2, { length: 500 });
				model.dispose();
				return outputs;
			}),
		);
		for (const each of more) expect(each).toEqual(one);
	});
});

const leftBy = ({ buffers, liveBytes }: ReturnType<Device["memoryStats"]>) => {
	const now = device.memoryStats();
	return [now.buffers - buffers, now.liveBytes - liveBytes];
};

const mask = (shape: number[]) => intTensor(new Int32Array(shape.reduce((a, b) => a * b)), shape, device);

/** Weights whose tables of positions are 0, so that a text is the same wherever it stands. */
function withoutPositions(modelType: string, task: Task): WeightSource {
	const weights = tinyWeights(modelType, task);
	return {
		...weights,
		read: async (name, begin, end) => {
			const values = await weights.read(name, begin, end);
			return /position/.test(name) ? values.fill(0) : values;
		},
	};
}

// The first and the last block of BigBird and the chunks of Reformer stay where they are.
it.each([
	["bart", "seq2seq-lm"],
	["bert", "masked-lm"],
	["led", "seq2seq-lm"],
	["longformer", "masked-lm"],
	["roberta", "masked-lm"],
] as const)("%s gives the same for a text wherever the windows of its tokens fall", async (modelType, task) => {
	const model = await loadTiny(modelType, task, { device, weights: withoutPositions(modelType, task) });
	const texts = [200].map(textOf);
	const expected = outputsOf(model, texts, 0, { length: 200 });
	for (const shift of [1, 7, 64, 131]) expectSame(outputsOf(model, texts, 0, { length: 340, shift }), expected);
	model.dispose();
});

it.each(["longformer", "roberta"] as const)(
	"%s counts positions of a text, not of padding before it",
	async (modelType) => {
		const model = await loadTiny(modelType, "masked-lm", { device });
		const texts = [200].map(textOf);
		const expected = outputsOf(model, texts, 0, { length: 200 });
		expectSame(outputsOf(model, texts, 0, { length: 240, shift: 29 }), expected);
		model.dispose();
	},
);

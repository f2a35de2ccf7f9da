import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	type Attention,
	adamW,
	type Device,
	full,
	type ImageModel,
	imageModel,
	init,
	intTensor,
	linear,
	OptionError,
	ShapeError,
	scope,
	setCurrentDevice,
	slidingWindow,
	sparseTransformer,
	type Tensor,
	treeTensors,
	valueAndGrad,
} from "../index.js";
import { expectModelGradients } from "../testing/model-gradients.js";
import { integersBetween } from "../testing/random-values.js";
import { itRefuses } from "../testing/refusals.js";

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

const [height, width, channels, levels] = [4, 3, 2, 5];
const elements = height * width * channels;
const attentions: readonly (readonly [string, Attention])[] = [
	["full", full({ causal: true })],
	["window", slidingWindow({ window: 7, causal: true })],
	["strided", sparseTransformer({ pattern: "strided", stride: 6 })],
	["linear", linear({ causal: true })],
];
const sizes = { height, width, channels, levels, dim: 8, layers: 2, heads: 2, seed: 3 };
const attention = full({ causal: true });
const images = (count: number, seed = 1) =>
	intTensor(integersBetween(count * elements, seed, 0, levels), [count, height, width, channels]);
const valuesOf = (x: Tensor | Tensor<"int32">) => Array.from(x.dataSync());
const free = ({ parameters }: ImageModel) => {
	for (const weight of treeTensors(parameters)) weight.dispose();
};

describe("imageModel", () => {
	it("has gradients that equal central differences", () => {
		setCurrentDevice(exact);
		const { parameters, loss } = imageModel({ ...sizes, dim: 4, attention });
		expect(Object.values(parameters.positions).map(({ shape }) => shape)).toEqual([
			[height, 4],
			[width, 4],
			[channels, 4],
		]);
		const batch = images(2);
		expectModelGradients(exact, parameters, (p) => loss(p, batch));
	});

	it("scores each element from those before it, in nats and in bits", () => {
		scope(() => {
			const model = imageModel({ ...sizes, attention });
			const { parameters } = model;
			const given = valuesOf(images(1));
			const scores = (values: number[]) =>
				valuesOf(model.logits(parameters, intTensor(values, [1, height, width, channels])));
			const before = scores(given);
			expect(before.length).toBe(elements * levels);
			const after = scores(given.map((value, at) => (at === 9 ? (value + 1) % levels : value)));
			expect(after.slice(0, 10 * levels)).toEqual(before.slice(0, 10 * levels));
			expect(after.slice(10 * levels, 11 * levels)).not.toEqual(before.slice(10 * levels, 11 * levels));
			const nats = model.loss(parameters, images(3)).dataSync()[0] as number;
			expect(nats).toBeGreaterThan(0.5 * Math.log(levels));
			expect(model.bitsPerDim(parameters, images(3)).dataSync()[0]).toBeCloseTo(nats / Math.log(2), 5);
		});
	});

	it.each(attentions)("with %s attention draws what the whole forward pass finds likeliest", async (_, own) => {
		const model = imageModel({ ...sizes, attention: own });
		const drawn = await model.sample(model.parameters, { count: 2, temperature: 0 });
		expect(drawn.shape).toEqual([2, height, width, channels]);
		const scores = scope(() => valuesOf(model.logits(model.parameters, drawn)));
		valuesOf(drawn).forEach((value, at) => {
			const row = scores.slice(at * levels, (at + 1) * levels);
			expect(row[value] as number).toBeGreaterThan(Math.max(...row) - 1e-5);
		});
		drawn.dispose();
		free(model);
	});

	it("draws the same for the same seed, each image by itself, and frees what it held", async () => {
		const model = imageModel({ ...sizes, attention });
		const { buffers } = device.memoryStats();
		const draw = async (count: number, seed: number) => {
			const drawn = await model.sample(model.parameters, { count, seed });
			const values = valuesOf(drawn);
			drawn.dispose();
			return values;
		};
		const three = await draw(3, 1);
		expect(await draw(3, 1)).toEqual(three);
		expect(await draw(3, 2)).not.toEqual(three);
		expect(await draw(1, 1)).toEqual(three.slice(0, elements));
		expect(three.slice(0, elements)).not.toEqual(three.slice(elements, 2 * elements));
		expect(Math.max(...three)).toBeLessThan(levels);
		await expect(
			model.sample(model.parameters, {
				onRow: (rows) => {
					if (rows === 2) throw new Error("enough");
				},
			}),
		).rejects.toThrow("enough");
		expect(device.memoryStats().buffers).toBe(buffers);
		free(model);
	});

	it.each(attentions)("with %s attention learns images, and completes their upper halves", async (_, own) => {
		const model = imageModel({ ...sizes, dim: 16, attention: own });
		const optimizer = adamW({ learningRate: 0.02 });
		const known = images(2);
		let { parameters } = model;
		let last = Number.NaN;
		for (let step = 0; step < 100 && !(last < 0.05); step++) {
			const { value, gradient } = valueAndGrad(model.loss)(parameters, known);
			[last] = value.dataSync() as unknown as [number];
			value.dispose();
			parameters = optimizer.step(parameters, gradient);
		}
		expect(last).toBeLessThan(0.1);
		const upper = valuesOf(known).flatMap((value, at) => (at % elements < elements / 2 ? [value] : []));
		const prefix = intTensor(upper, [2, height / 2, width, channels]);
		const rows: number[] = [];
		const drawn = await model.sample(parameters, { prefix, temperature: 0, onRow: (row) => rows.push(row) });
		expect(valuesOf(drawn)).toEqual(valuesOf(known));
		expect(rows).toEqual([3, 4]);
		optimizer.dispose();
	});

	it("samples by its scores, and takes other positions and one channel", async () => {
		const model = imageModel({ ...sizes, channels: 1, positions: "learned", attention });
		const drawn = await model.sample(model.parameters, { count: 3, topK: 2, topP: 0.9, temperature: 0.5 });
		expect(drawn.shape).toEqual([3, height, width, 1]);
		drawn.dispose();
		free(model);
	});
});

describe("bad input gives one error that names the argument", () => {
	const using = (act: (model: ImageModel) => unknown) => {
		const model = imageModel({ ...sizes, attention });
		try {
			return act(model);
		} finally {
			free(model);
		}
	};
	itRefuses(
		() => device,
		[
			["no width", () => imageModel({ ...sizes, width: 0, attention }), OptionError, /imageModel: width is 0/],
			[
				"one level",
				() => imageModel({ ...sizes, levels: 1, attention }),
				OptionError,
				/levels is 1; expected an integer/,
			],
			[
				"an option of language models",
				() => imageModel({ ...sizes, attention, maxLength: 8 } as never),
				OptionError,
				/imageModel: maxLength is no option/,
			],
			["an attention that looks ahead", () => imageModel({ ...sizes, attention: full() }), OptionError, /not causal/],
			[
				"images of another size",
				() => using(({ loss, parameters }) => loss(parameters, intTensor(new Array(8).fill(0), [1, 2, 2, 2]))),
				ShapeError,
				/imageModel: images have shape \[1, 2, 2, 2\]; expected \[batch, 4, 3, 2\]/,
			],
			[
				"a value that is no level",
				() =>
					using(({ loss, parameters }) =>
						loss(parameters, intTensor(new Array(elements).fill(5), [1, height, width, channels])),
					),
				OptionError,
				/imageModel: images hold 5; expected 0 to 4/,
			],
		],
	);

	it.each([
		["no images", { count: 0 }, /imageModel: count is 0/],
		["a misspelt option", { topk: 3 } as never, /imageModel: topk is no option; expected temperature, topK/],
		["a temperature below 0", { temperature: -1 }, /imageModel: temperature is -1/],
		[
			"a prefix of all rows",
			{ prefix: images },
			/prefix has shape \[1, 4, 3, 2\]; expected \[batch, rows, 3, 2\] with 1 to 3 rows/,
		],
		[
			"a prefix for other images",
			{ count: 2, prefix: () => intTensor(new Array(6).fill(1), [1, 1, 3, 2]) },
			/count is 2; expected 1, as many as prefix has/,
		],
	] as const)("refuses to draw with %s", async (_, options, message) => {
		const before = device.memoryStats().buffers;
		const prefix = "prefix" in options ? options.prefix(1) : undefined;
		const model = imageModel({ ...sizes, attention });
		await expect(model.sample(model.parameters, { ...options, prefix })).rejects.toThrow(message);
		free(model);
		prefix?.dispose();
		expect(device.memoryStats().buffers).toBe(before);
	});
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	adafactor,
	adamW,
	createTrainer,
	type Device,
	dropout,
	init,
	type LossOptions,
	matmul,
	mean,
	mul,
	OptionError,
	relu,
	scope,
	sub,
	type Tensor,
	type TrainerOptions,
	TrainingError,
	tensor,
	treeTensors,
} from "../index.js";
import { normals } from "../testing/random-values.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

type Parameters = { inner: Tensor; outer: Tensor };
type Batch = { x: Tensor; y: Tensor };

const width = 6;
const initial = (): Parameters => ({
	inner: tensor(normals(4 * width, 1), [4, width]),
	outer: tensor(normals(width, 2), [width, 1]),
});
const batchOf = (rows: number, seed: number): Batch => ({
	x: tensor(normals(rows * 4, seed), [rows, 4]),
	y: tensor(normals(rows, seed + 1), [rows, 1]),
});
const loss = ({ inner, outer }: Parameters, { x, y }: Batch) =>
	scope(() => {
		const error = sub(matmul(relu(matmul(x, inner)), outer), y);
		return mean(mul(error, error));
	});
const free = (...trees: unknown[]) => {
	for (const x of treeTensors(trees)) x.dispose();
};
const trainerOf = (options: Partial<TrainerOptions<Parameters, Batch>> = {}) =>
	createTrainer<Parameters, Batch>({
		parameters: initial(),
		loss,
		optimizer: adamW({ learningRate: 0.01 }),
		...options,
	});
const valuesOf = (tree: unknown) => treeTensors(tree).map((x) => [...exactValues(x)]);
/** A batch whose loss is not finite. */
const brokenBatch = (value: number): Batch => ({
	x: tensor(new Array(8).fill(value), [2, 4]),
	y: tensor([0, 0], [2, 1]),
});

describe("createTrainer", () => {
	it("learns, and tells step, loss, norm and learning rate", async () => {
		const batch = batchOf(8, 5);
		const trainer = trainerOf({ schedule: (step) => 0.1 / step, clipNorm: 1 });
		const results = [];
		for (let step = 0; step < 30; step++) results.push(await trainer.step([batch]));
		expect(results[3]).toMatchObject({ step: 4, learningRate: 0.025 });
		expect(results[29]?.loss).toBeLessThan((results[0]?.loss as number) / 2);
		const start = initial();
		expect(results[0]?.loss).toBeCloseTo((await loss(start, batch).item()) as number, 6);
		expect(results[0]?.gradientNorm).toBeGreaterThan(1);
		expect(trainer.steps).toBe(30);
		trainer.dispose();
		free(batch, start);
	});

	it("takes a step with the learning rate of the optimiser if there is no schedule", async () => {
		const batch = batchOf(2, 5);
		const trainer = trainerOf({ optimizer: adafactor() });
		expect((await trainer.step([batch])).learningRate).toBe(0.01);
		trainer.dispose();
		free(batch);
	});

	it.each([
		["alike", [3, 3, 3], undefined],
		["by their weights", [1, 5, 3], ({ x }: Batch) => x.shape[0] as number],
	])("averages the gradients of several batches %s, as one large batch", async (_, rows, weight) => {
		const whole = batchOf(9, 5);
		let from = 0;
		const parts = rows.map((count) => {
			const [x, y] = [exactValues(whole.x), exactValues(whole.y)];
			const part = {
				x: tensor(x.slice(4 * from, 4 * (from + count)), [count, 4]),
				y: tensor(y.slice(from, from + count), [count, 1]),
			};
			from += count;
			return part;
		});
		const one = trainerOf({ clipNorm: 0.5 });
		const many = trainerOf({ clipNorm: 0.5, accumulate: 3, ...(weight && { weight }) });
		for (let step = 0; step < 3; step++) {
			const [a, b] = [await one.step([whole]), await many.step(parts)];
			expect(b.loss).toBeCloseTo(a.loss, 6);
			expect(b.gradientNorm).toBeCloseTo(a.gradientNorm, 5);
		}
		const expected = valuesOf(one.parameters).flat();
		valuesOf(many.parameters)
			.flat()
			.forEach((value, at) => {
				expect(value).toBeCloseTo(expected[at] as number, 10);
			});
		for (const trainer of [one, many]) trainer.dispose();
		free(whole, parts);
	});

	it.each([
		[
			"NaN",
			Number.NaN,
			/step 3 was not applied: the loss is NaN; try a learning rate below 0.01, clipping \(clipNorm: 1\) or a longer warm-up/,
		],
		["infinite", 1e200, /the loss is Infinity/],
	])("leaves everything as it was where the loss is %s", async (_, value, message) => {
		const [good, bad] = [batchOf(4, 5), brokenBatch(value)];
		const trainer = trainerOf({ movingAverage: {}, accumulate: 2 });
		for (let step = 0; step < 2; step++) await trainer.step([good, good]);
		const before = trainer.state();
		const snapshot = valuesOf([trainer.parameters, trainer.average, before]);
		const { buffers } = device.memoryStats();
		const failed = trainer.step([good, bad]);
		await expect(failed).rejects.toThrow(TrainingError);
		await expect(failed).rejects.toThrow(message);
		await expect(failed).rejects.toMatchObject({ step: 3 });
		expect(device.memoryStats().buffers).toBe(buffers);
		const after = trainer.state();
		expect(valuesOf([trainer.parameters, trainer.average, after])).toEqual(snapshot);
		expect(after.loss).toEqual(before.loss);
		expect((await trainer.step([good, good])).step).toBe(3);
		trainer.dispose();
		free(good, bad, before, after);
	});

	it("names a gradient that is not finite", async () => {
		const trainer = createTrainer({
			parameters: { w: tensor([0]) },
			// The square of its slope is infinite.
			loss: ({ w }: { w: Tensor }, _: null) => scope(() => mean(mul(w, tensor([Number.MAX_VALUE])))),
			optimizer: adamW(),
			clipNorm: 2,
		});
		await expect(trainer.step([null])).rejects.toThrow(
			/the norm of the gradient is Infinity at a loss of 0; .* a clipNorm below 2/,
		);
		expect(exactValues(trainer.parameters.w)[0]).toBe(0);
		trainer.dispose();
	});

	it("stops where the loss explodes, if asked to", async () => {
		const run = async (losses: number[], explosion?: number) => {
			const trainer = createTrainer({
				parameters: { w: tensor([1]) },
				loss: ({ w }: { w: Tensor }, value: number) => scope(() => mean(sub(mul(w, value), mul(w, 0)))),
				optimizer: adamW({ learningRate: 0 }),
				...(explosion && { explosion }),
			});
			try {
				for (const value of losses) await trainer.step([value]);
				return null;
			} catch (error) {
				expect(error).toBeInstanceOf(TrainingError);
				return (error as TrainingError).message;
			} finally {
				trainer.dispose();
			}
		};
		expect(await run([4, 3, 5, 12.5], 3)).toMatch(
			/step 4 was not applied: the loss is 12.5, above the limit of 12 after a running mean of 4/,
		);
		expect(await run([4, 3, 5, 11.5], 3)).toBeNull();
		expect(await run([4, 3, 5, 1000])).toBeNull();
		// Near 0 a tenth of the first loss counts instead of the mean.
		const low = [10, ...new Array(200).fill(0.01)];
		expect(await run([...low, 1.9], 3)).toBeNull();
		expect(await run([...low, 2.1], 3)).toMatch(/above the limit of 2.01/);
		expect(await run([-5, -5, 4.9], 3)).toBeNull();
		expect(await run([-5, -5, 5.1], 3)).toMatch(/above the limit of 5/);
	});

	it.each([
		["AdamW", () => adamW()],
		["Adafactor", () => adafactor({ momentum: 0.9 })],
	])("needs the same memory after every step of %s, and none in the end", async (_, optimizer) => {
		const before = device.memoryStats();
		const batches = [batchOf(4, 5), batchOf(4, 7)];
		const trainer = trainerOf({
			optimizer: optimizer(),
			accumulate: 2,
			clipNorm: 0.1,
			movingAverage: {},
			explosion: 3,
		});
		const alive: number[] = [];
		for (let step = 0; step < 6; step++) {
			await trainer.step(batches);
			alive.push(device.memoryStats().liveBytes);
		}
		// After step 1 the average is the weights themselves.
		expect(new Set(alive.slice(1)).size).toBe(1);
		trainer.dispose();
		free(batches);
		expect(device.memoryStats().liveBytes).toBe(before.liveBytes);
		expect(device.memoryStats().buffers).toBe(before.buffers);
	});

	it("frees what a loss leaves behind when it throws, and goes on", async () => {
		const batch = batchOf(4, 5);
		let calls = 0;
		const failing = (parameters: Parameters, own: Batch, { random }: LossOptions) => {
			if (++calls === 2) throw new Error("no more");
			return loss(parameters, { ...own, x: dropout(own.x, 0.1, random) });
		};
		const trainer = trainerOf({ loss: failing, accumulate: 2 });
		const { buffers } = device.memoryStats();
		await expect(trainer.step([batch, batch])).rejects.toThrow("no more");
		// The dropout of the first part, outside of any scope of its own, is freed with the step.
		expect(device.memoryStats().buffers).toBe(buffers);
		expect((await trainer.step([batch, batch])).step).toBe(1);
		trainer.dispose();
		free(batch);
	});

	it("refuses what it cannot do", async () => {
		const { buffers } = device.memoryStats();
		const batch = batchOf(2, 5);
		const trainer = trainerOf({ weight: () => 0 });
		await expect(trainer.step([])).rejects.toThrow(/batches has 0 batches; expected 1/);
		await expect(trainer.step([batch])).rejects.toThrow(/weight is 0/);
		trainer.dispose();
		await expect(trainer.step([batch])).rejects.toThrow(/the trainer was disposed/);

		const busy = trainerOf();
		const first = busy.step([batch]);
		await expect(busy.step([batch])).rejects.toThrow(/the step before has not ended/);
		await first;
		const last = busy.step([batch]);
		busy.dispose();
		await expect(last).rejects.toThrow(/disposed before the step ended/);
		free(batch);
		expect(device.memoryStats().buffers).toBe(buffers);
	});

	it("refuses the state of another run, and changes nothing", async () => {
		const batch = batchOf(2, 5);
		const [plain, averaging, other] = [
			trainerOf(),
			trainerOf({ movingAverage: {} }),
			trainerOf({ movingAverage: {}, optimizer: adafactor() }),
		];
		for (const trainer of [plain, averaging, other]) await trainer.step([batch]);
		const states = [plain.state(), averaging.state()] as const;
		const own = other.state();
		const snapshot = valuesOf(own);
		const { buffers } = device.memoryStats();
		expect(() => plain.restore(states[1])).toThrow(/state has a moving average; expected none/);
		expect(() => averaging.restore(states[0])).toThrow(/state has no moving average; expected one/);
		expect(() => other.restore(states[1])).toThrow(/adafactor: state has no tensor "rows.inner"/);
		expect(device.memoryStats().buffers).toBe(buffers);
		const after = other.state();
		expect(valuesOf(after)).toEqual(snapshot);
		for (const trainer of [plain, averaging, other]) trainer.dispose();
		free(batch, states, own, after);
	});

	it.each([
		[{ clipNorm: 0 }, /clipNorm is 0/],
		[{ clip: 1 } as never, /createTrainer: clip is no option; expected .*clipNorm/],
		[{ loss: undefined } as never, /createTrainer: loss is undefined; expected a function/],
		[{ optimizer: adamW } as never, /createTrainer: optimizer is the function adamW; expected one, such as adamW\(\)/],
		[{ parameters: [] } as never, /createTrainer: the tree holds no tensor/],
		[{ accumulate: 1.5 }, /accumulate is 1.5; expected an integer of at least 1/],
		[{ explosion: 0.5 }, /explosion is 0.5/],
		[{ seed: -1 }, /seed is -1/],
		[{ movingAverage: { decay: 1 } }, /decay is 1/],
	])("refuses %j", (options, message) => {
		const parameters = initial();
		expect(() => trainerOf({ parameters, ...options })).toThrow(OptionError);
		expect(() => trainerOf({ parameters, ...options })).toThrow(message);
		free(parameters);
	});
});

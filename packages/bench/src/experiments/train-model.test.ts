import { adamW, type Device, init, keep, matmul, mean, mul, normal, sub, type Tensor } from "longspan";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTraining, trainModel } from "./train-model.js";

let device: Device;
let truth: Tensor;
beforeAll(async () => {
	device = await init({ threads: 1 });
	truth = normal([4, 1], { seed: 9 });
});
afterAll(() => device.dispose());

const regression = (steps: number) => ({
	parameters: keep({ weight: normal([4, 1], { seed: 1 }) }),
	batches(step: number) {
		const x = normal([16, 4], { seed: 2, step });
		return { x, y: matmul(x, truth) };
	},
	loss({ weight }: { weight: Tensor }, { x, y }: { x: Tensor; y: Tensor }) {
		const error = sub(matmul(x, weight), y);
		return mean(mul(error, error));
	},
	steps,
	optimizer: adamW({ learningRate: 0.1, weightDecay: 0 }),
});

it("learns, and leaves no tensor behind", async () => {
	const before = device.memoryStats().liveBytes;
	const { losses, secondsPerStep, dispose } = await trainModel(regression(150));
	expect(losses).toHaveLength(150);
	expect(losses.at(-1)).toBeLessThan(1e-2 * (losses[0] as number));
	expect(secondsPerStep).toBeGreaterThan(0);
	dispose();
	expect(device.memoryStats().liveBytes).toBe(before);
});

it("follows a schedule, and tells the steps", async () => {
	const rates: number[] = [];
	const told: number[] = [];
	const { losses, dispose } = await trainModel({
		...regression(4),
		schedule(step) {
			rates.push(step);
			return 0.1 / step;
		},
		onStep: (step) => told.push(step),
	});
	expect(losses).toHaveLength(4);
	expect(rates).toEqual([1, 2, 3, 4]);
	expect(told).toEqual([1, 2, 3, 4]);
	dispose();
});

it("lets trainings take turns", async () => {
	const start = () => {
		const { steps: _, ...training } = regression(0);
		return startTraining(training);
	};
	const [one, other] = [start(), start()];
	for (let step = 0; step < 3; step++) expect(await one.step()).toBe(await other.step());
	expect(one.losses).toHaveLength(3);
	one.dispose();
	other.dispose();
});

import { describe, expect, it } from "vitest";
import {
	adafactor,
	adamW,
	createTrainer,
	type Device,
	dropout,
	type InitOptions,
	init,
	type LossOptions,
	mapTree,
	matmul,
	mean,
	mul,
	relu,
	schedules,
	scope,
	sub,
	type Tensor,
	type TensorTree,
	type TrainerState,
	tensor,
	treeTensors,
} from "../index.js";
import { normals } from "../testing/random-values.js";
import { exactTensor, exactValues } from "../testing/tensor-gradient.js";

type Parameters = { layers: { weight: Tensor; bias: Tensor }[]; outer: Tensor };
type Batch = { x: Tensor; y: Tensor };

const [rows, width] = [64, 96];

const initial = (device: Device): Parameters => {
	const draw = (shape: number[], seed: number) =>
		scope(() =>
			mul(
				tensor(
					normals(
						shape.reduce((a, b) => a * b),
						seed,
					),
					shape,
					device,
				),
				0.1,
			),
		);
	return {
		layers: [1, 2].map((seed) => ({ weight: draw([width, width], seed), bias: draw([width], 10 + seed) })),
		outer: draw([width, width], 3),
	};
};
const batchesOf = (device: Device, step: number): Batch[] =>
	[0, 1].map((part) => {
		const seed = 100 + 4 * step + 2 * part;
		const [x, y] = [0, 1].map((i) => tensor(normals(rows * width, seed + i), [rows, width], device));
		return { x: x as Tensor, y: y as Tensor };
	});
const loss = ({ layers, outer }: Parameters, { x, y }: Batch, { random }: LossOptions) =>
	scope(() => {
		const hidden = layers.reduce(
			(h, { weight, bias }, layer) =>
				dropout(relu(sub(matmul(h, weight), bias)), 0.3, { ...random, stream: (random.stream ?? 0) ^ layer }),
			x,
		);
		const error = sub(matmul(hidden, outer), y);
		return mean(mul(error, error));
	});
const trainerOf = (device: Device, optimizer: "adamW" | "adafactor", parameters = initial(device)) =>
	createTrainer<Parameters, Batch>({
		parameters,
		loss,
		optimizer: optimizer === "adamW" ? adamW() : adafactor({ momentum: 0.5 }),
		schedule: schedules.cosine({ peak: 0.01, warmUpSteps: 2, totalSteps: 8 }),
		...{ clipNorm: 0.5, accumulate: 2, movingAverage: { decay: 0.9 }, explosion: 3, seed: 7 },
	});

describe.each<[string, InitOptions]>([
	["reference", { device: "reference" }],
	["one thread", { threads: 1 }],
	["two threads", { threads: 2 }],
])("a resumed run on %s", (name, options) => {
	/** Values as a file would hold them; those of the reference device have more bits. */
	const valuesOf = (x: Tensor): ArrayLike<number> => (name === "reference" ? exactValues(x) : x.dataSync());

	/** The tree as another process would read it: numbers as JSON, tensors by value. */
	function reread<T extends TensorTree>(tree: T, device: Device): T {
		return mapTree(tree, (x) => exactTensor(device, valuesOf(x as Tensor), x.shape));
	}
	function rereadState({ optimizer, movingAverage, loss: record }: TrainerState, device: Device): TrainerState {
		return {
			optimizer: { ...optimizer, tensors: reread(optimizer.tensors, device) },
			movingAverage: movingAverage && { ...movingAverage, tensors: reread(movingAverage.tensors, device) },
			loss: JSON.parse(JSON.stringify(record)),
		};
	}

	it.each(["adamW", "adafactor"] as const)("equals an uninterrupted one bit for bit, with %s", async (optimizer) => {
		const device = await init(options);
		const run = async (trainer: ReturnType<typeof trainerOf>, from: number, to: number) => {
			const results = [];
			for (let step = from; step < to; step++) {
				const batches = batchesOf(device, step);
				results.push(await trainer.step(batches));
				for (const x of treeTensors(batches)) x.dispose();
			}
			return results;
		};
		const whole = trainerOf(device, optimizer);
		await run(whole, 0, 3);
		const saved = whole.state();
		const [state, parameters] = [rereadState(saved, device), reread(whole.parameters, device)];
		const expected = await run(whole, 3, 6);

		const resumed = trainerOf(device, optimizer, parameters);
		resumed.restore(state);
		for (const x of treeTensors([saved, state])) x.dispose();
		expect(resumed.steps).toBe(3);
		expect(await run(resumed, 3, 6)).toEqual(expected);
		const everything = (trainer: typeof whole) => {
			const after = trainer.state();
			const values = treeTensors([trainer.parameters, trainer.average, after]).map((x) => valuesOf(x as Tensor));
			for (const x of treeTensors(after)) x.dispose();
			return { values, loss: after.loss, steps: after.optimizer.steps };
		};
		expect(everything(resumed)).toEqual(everything(whole));
		for (const trainer of [whole, resumed]) trainer.dispose();
		expect(device.memoryStats().buffers).toBe(0);
		device.dispose();
	});
});

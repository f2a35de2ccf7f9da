import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type AdaptiveComputationOptions,
	adaptiveComputationTime,
	add,
	concat,
	type Device,
	init,
	intTensor,
	matmul,
	mul,
	normal,
	OptionError,
	ones,
	ShapeError,
	scope,
	slice,
	type Tensor,
	tanh,
	tensor,
	zeros,
} from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";
import { exactValues, expectGradients } from "../../testing/tensor-gradient.js";

let exact: Device;
let wasm: Device;
beforeAll(async () => {
	wasm = await init({ threads: 2 });
	exact = await init({ device: "reference" });
});
afterAll(() => {
	wasm.dispose();
	exact.dispose();
});

/**
 * The weights that the states of each position get, for given halting probabilities, [position][step]: state t has a channel of
 * its own, beside the one the halting unit reads the next probability from.
 */
function trace(probabilities: readonly (readonly number[])[], options: AdaptiveComputationOptions) {
	return scope(() => {
		const { maxSteps } = options;
		const dim = maxSteps + 1;
		const stateAfter = (step: number) =>
			tensor(
				probabilities.flatMap((of) => {
					const p = of[step] ?? 0.5;
					return [Math.log(p / (1 - p)), ...Array.from({ length: maxSteps }, (_, t) => (t + 1 === step ? 1 : 0))];
				}),
				[1, probabilities.length, dim],
				exact,
			);
		const weight = tensor([1, ...new Array(maxSteps).fill(0)], [dim, 1], exact);
		let steps = 0;
		const transform = (_: Tensor, step: number) => {
			steps++;
			return stateAfter(step);
		};
		const unit = { weight, bias: zeros([1], exact) };
		const { hidden, ponderCost, updates } = adaptiveComputationTime(stateAfter(0), unit, transform, options);
		const values = exactValues(hidden);
		return {
			weights: probabilities.map((_, at) => Array.from(values.slice(at * dim + 1, (at + 1) * dim))),
			ponderCost: exactValues(ponderCost)[0] as number,
			updates: Array.from(updates),
			steps,
		};
	});
}

function expectClose(actual: readonly number[] | undefined, expected: readonly number[]): void {
	expect(actual?.length).toBe(expected.length);
	expected.forEach((value, at) => {
		expect(actual?.[at]).toBeCloseTo(value, 6);
	});
}

describe("the weights of adaptiveComputationTime", () => {
	it("are those of a trace by hand", () => {
		const probabilities = [[0.3, 0.4, 0.8]];
		const basic = trace(probabilities, { maxSteps: 5 });
		expectClose(basic.weights[0], [0.126, 0.28, 0.3, 0, 0]);
		const accumulated = trace(probabilities, { maxSteps: 5, accumulation: "accumulated" });
		expectClose(accumulated.weights[0], [0.3, 0.4, 0.3, 0, 0]);
		for (const { ponderCost, updates, steps } of [basic, accumulated]) {
			expect(ponderCost).toBeCloseTo(3.3, 6);
			expect([updates, steps]).toEqual([[3], 3]);
		}
	});

	it("belong to each position by itself, and sum to 1 where all halt in time", () => {
		const probabilities = [[0.995], [0.5, 0.3, 0.1, 0.2], [0.2, 0.78]];
		const { weights, ponderCost, updates, steps } = trace(probabilities, { maxSteps: 6, accumulation: "accumulated" });
		expectClose(weights[0], [1, 0, 0, 0, 0, 0]);
		expectClose(weights[1], [0.5, 0.3, 0.1, 0.1, 0, 0]);
		expectClose(weights[2], [0.2, 0.78, 0.02, 0, 0, 0]);
		expect(updates).toEqual([1, 4, 3]);
		expect(steps).toBe(4);
		expect(ponderCost).toBeCloseTo((1 + 1 + 4 + 0.1 + 3 + 0.02) / 3, 6);
		probabilities.forEach((of, at) => {
			expect(trace([of], { maxSteps: 6, accumulation: "accumulated" }).weights[0]).toEqual(weights[at]);
		});
	});

	it("need not sum to 1 after the last step, unless the remainder is forced", () => {
		const slow = [[0.1, 0.1, 0.1]];
		const run = (options: Partial<AdaptiveComputationOptions>) => trace(slow, { maxSteps: 3, ...options });
		expectClose(run({}).weights[0], [0.081, 0.09, 0.1]);
		expect(run({}).ponderCost).toBeCloseTo(3, 6);
		expectClose(run({ accumulation: "accumulated", forceRemainder: false }).weights[0], [0.1, 0.1, 0.1]);
		expectClose(run({ accumulation: "accumulated" }).weights[0], [0.1, 0.1, 0.8]);
		expect(run({ accumulation: "accumulated" }).ponderCost).toBeCloseTo(3.8, 6);
		expectClose(run({ forceRemainder: true }).weights[0], [0.1 * 0.9 * 0.2, 0.1 * 0.2, 0.8]);
	});

	it("are all on the first step at threshold 0", () => {
		for (const accumulation of ["basic", "accumulated"] as const) {
			const { weights, ponderCost, steps } = trace([[0.01], [0.9]], { maxSteps: 4, threshold: 0, accumulation });
			expect(weights).toEqual([
				[1, 0, 0, 0],
				[1, 0, 0, 0],
			]);
			expect([ponderCost, steps]).toEqual([2, 1]);
		}
	});
});

describe("adaptiveComputationTime", () => {
	const dim = 4;
	const setting = (device: Device, length: number, seed = 1) => ({
		x: normal([2, length, dim], { seed }, device),
		unit: { weight: normal([dim, 1], { seed: 2 }, device), bias: tensor([-0.5], [1], device) },
		matrix: normal([dim, dim], { seed: 3 }, device),
	});
	const positionWise = (matrix: Tensor) => (state: Tensor, step: number) =>
		tanh(add(matmul(state, matrix), 0.1 * step));

	it("ends early without changing a bit", () => {
		scope(() => {
			const { x, unit, matrix } = setting(wasm, 9);
			for (const options of [{}, { accumulation: "accumulated" }, { haltedState: "frozen" }] as const) {
				let calls = 0;
				const run = (everyStep: boolean) => {
					calls = 0;
					const transform = (state: Tensor, step: number) => {
						calls++;
						return positionWise(matrix)(state, step);
					};
					return adaptiveComputationTime(x, unit, transform, { maxSteps: 30, everyStep, ...options });
				};
				const early = run(false);
				expect(calls).toBe(Math.max(...early.updates));
				expect(calls).toBeLessThan(30);
				const late = run(true);
				expect(calls).toBe(30);
				expect(late.hidden.dataSync()).toEqual(early.hidden.dataSync());
				expect(late.ponderCost.dataSync()).toEqual(early.ponderCost.dataSync());
				expect(late.updates).toEqual(early.updates);
			}
		});
	});

	it("decides for each position of each sequence by itself", () => {
		scope(() => {
			const { x, unit, matrix } = setting(exact, 7);
			const run = (input: Tensor) => adaptiveComputationTime(input, unit, positionWise(matrix), { maxSteps: 8 });
			const whole = run(x);
			expect(new Set(whole.updates).size).toBeGreaterThan(1);
			const halves = [slice(x, 1, 0, 3), slice(x, 1, 3)].map(run);
			expect(exactValues(concat([halves[0]!.hidden, halves[1]!.hidden], 1))).toEqual(exactValues(whole.hidden));
			const sequences = [slice(x, 0, 0, 1), slice(x, 0, 1)].map(run);
			expect(sequences.flatMap(({ updates }) => Array.from(updates))).toEqual(Array.from(whole.updates));
		});
	});

	it("freezes states that have halted, bit for bit, or goes on transforming them", () => {
		scope(() => {
			const { x, unit, matrix } = setting(wasm, 9);
			for (const haltedState of ["frozen", "transformed"] as const) {
				const seen: Float32Array[] = [];
				const { updates } = adaptiveComputationTime(
					x,
					unit,
					(state, step) => {
						seen.push(state.dataSync());
						return positionWise(matrix)(state, step);
					},
					{ maxSteps: 8, haltedState, everyStep: true },
				);
				updates.forEach((taken, at) => {
					const rows = seen.map((values) => Array.from(values.slice(at * dim, (at + 1) * dim)));
					for (let step = 1; step < seen.length; step++)
						if (haltedState === "frozen" && step > taken) expect(rows[step]).toEqual(rows[taken]);
						else expect(rows[step]).not.toEqual(rows[step - 1]);
				});
			}
		});
	});

	it("takes no step with padding, and none because of it", () => {
		scope(() => {
			const { x, unit, matrix } = setting(exact, 6);
			const keyMask = intTensor([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0], [2, 6], exact);
			const options = { maxSteps: 8 };
			const padded = adaptiveComputationTime(x, unit, positionWise(matrix), { ...options, keyMask });
			const tokens = adaptiveComputationTime(slice(x, 1, 0, 3), unit, positionWise(matrix), options);
			expect(exactValues(slice(padded.hidden, 1, 0, 3))).toEqual(exactValues(tokens.hidden));
			expect(exactValues(slice(padded.hidden, 1, 3)).every((value) => value === 0)).toBe(true);
			expect(exactValues(padded.ponderCost)).toEqual(exactValues(tokens.ponderCost));
			const nothing = intTensor(new Array(12).fill(0), [2, 6], exact);
			const empty = adaptiveComputationTime(x, unit, positionWise(matrix), { ...options, keyMask: nothing });
			expect(exactValues(empty.hidden).every((value) => value === 0)).toBe(true);
			expect(exactValues(empty.ponderCost)[0]).toBe(0);
		});
	});

	it.each([
		{},
		{ accumulation: "accumulated" },
		{ haltedState: "frozen" },
		{ threshold: 1, forceRemainder: true, maxSteps: 3 },
	] as const)("has the gradients that differences give, of states and ponder cost, with %j", (options) => {
		let updates: number[] = [];
		expectGradients(
			exact,
			(x, weight, bias, matrix) => {
				const result = adaptiveComputationTime(x, { weight, bias }, positionWise(matrix), { maxSteps: 5, ...options });
				updates = Array.from(result.updates);
				return add(result.hidden, mul(result.ponderCost, 3));
			},
			[[2, 5, dim], [dim, 1], [1], [dim, dim]],
		);
		expect(new Set(updates).size).toBeGreaterThan("threshold" in options ? 0 : 1);
	});

	it("frees what is between", () => {
		const before = wasm.memoryStats().buffers;
		scope(() => {
			const { x, unit, matrix } = setting(wasm, 9);
			const held = wasm.memoryStats().buffers;
			adaptiveComputationTime(x, unit, positionWise(matrix), { maxSteps: 8 });
			expect(wasm.memoryStats().buffers).toBeLessThanOrEqual(held + 2);
		});
		expect(wasm.memoryStats().buffers).toBe(before);
	});

	describe("refuses", () => {
		const act = (options: Partial<AdaptiveComputationOptions>, x?: Tensor, transform = (state: Tensor) => state) => {
			const { x: usual, unit } = setting(exact, 3);
			return adaptiveComputationTime(x ?? usual, unit, transform, { maxSteps: 2, ...options });
		};
		itRefuses(
			() => exact,
			[
				[
					"a threshold above 1",
					() => act({ threshold: 1.5 }),
					OptionError,
					/threshold is 1.5; expected a finite number of at least 0 and of at most 1/,
				],
				["no steps", () => act({ maxSteps: 0 }), OptionError, /maxSteps is 0/],
				[
					"an unknown accumulation",
					() => act({ accumulation: "global" as "basic" }),
					OptionError,
					/accumulation is "global"; expected "basic" or "accumulated"/,
				],
				[
					"an unknown halted state",
					() => act({ haltedState: "gone" as "frozen" }),
					OptionError,
					/haltedState is "gone"/,
				],
				[
					"a flag that is none",
					() => act({ forceRemainder: 1 as unknown as boolean }),
					OptionError,
					/forceRemainder is 1/,
				],
				[
					"another rank",
					() => act({}, ones([3, dim], exact)),
					ShapeError,
					/argument x has shape \[3, 4\]; expected \[batch, length, dim\]/,
				],
				[
					"another width",
					() => act({}, ones([1, 3, 5], exact)),
					ShapeError,
					/weight has shape \[4, 1\]; expected \[5, 1\]/,
				],
				[
					"a mask of another length",
					() => act({ keyMask: intTensor([1], [1, 1], exact) }),
					ShapeError,
					/keyMask has shape \[1, 1\]/,
				],
				[
					"a state of another shape",
					() => act({}, undefined, (state) => slice(state, 1, 0, 1)),
					ShapeError,
					/step 1 has shape \[2, 1, 4\]; expected \[2, 3, 4\]/,
				],
			],
		);
	});
});

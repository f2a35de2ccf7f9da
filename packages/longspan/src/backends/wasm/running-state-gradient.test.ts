import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { relativeError } from "../../testing/expect-close.js";
import {
	backwardLoop,
	forwardLoop,
	type ProblemOptions,
	type RunningStateProblem,
	randomProblem,
} from "../../testing/running-state-loops.js";
import type { DeviceBuffer } from "../backend.js";
import { bufferStore } from "./host/buffer-store.js";
import type { ModuleEngine } from "./host/module-engine.js";
import { startEngine } from "./host/start-engine.js";
import { runningStateKernels } from "./running-state.js";
import { runningStateGradient } from "./running-state-gradient.js";

const gradientNames = ["dq", "dk", "dv", "dLogDecay", "dInitialSum", "dInitialNormalizer"] as const;
type GradientName = (typeof gradientNames)[number];
type Gradients = Partial<Record<GradientName, Float32Array>>;

const engines: Record<1 | 2, ModuleEngine> = {} as Record<1 | 2, ModuleEngine>;

beforeAll(async () => {
	// Poisoned: fresh memory is NaN, so that nothing passes that was read before it was written.
	for (const threads of [1, 2] as const) {
		engines[threads] = (await startEngine({ threads, poison: true }, () => {})).engine;
	}
});

afterAll(() => {
	for (const engine of Object.values(engines)) engine.dispose();
});

/** Forward and backward. `keptBytes` as in `runningStateGradient`. */
function run(problem: RunningStateProblem, engine = engines[2], keptBytes?: number): Gradients {
	const store = bufferStore(engine);
	const buffers: DeviceBuffer[] = [];
	const create = (length: number) => {
		const buffer = store.createBuffer("float32", length);
		buffers.push(buffer);
		return buffer;
	};
	const upload = (values: Float32Array) => {
		const buffer = create(values.length);
		store.write(buffer, values);
		return buffer;
	};
	const state = (sum: Float32Array | null, normalizer: Float32Array | null) =>
		sum && { sum: upload(sum), normalizer: normalizer && upload(normalizer) };
	const { heads, length, headDim, valueDim, normalized, epsilon, logDecay } = problem;
	const [keys, values] = [heads * length * headDim, heads * length * valueDim];
	const createState = () => ({
		sum: create(heads * headDim * valueDim),
		normalizer: normalized ? create(heads * headDim) : null,
	});
	const forward = {
		...{ batch: 1, heads, length, headDim, valueDim, epsilon },
		q: upload(problem.q),
		k: upload(problem.k),
		v: upload(problem.v),
		logDecay: logDecay && upload(logDecay),
		initialState: state(problem.initialSum, problem.initialNormalizer),
		out: create(values),
		denominator: normalized ? create(heads * length) : null,
		finalState: createState(),
	};
	runningStateKernels(engine).runningState(forward);
	const [dq, dk, dv] = [create(keys), create(keys), create(values)];
	const dLogDecay = logDecay && create(heads * length);
	const dInitialState = problem.initialSum && createState();
	runningStateGradient(
		engine,
		{
			...{ ...forward, dq, dk, dv, dLogDecay, dInitialState },
			dOut: upload(problem.dOut),
			dFinalState: state(problem.dFinalSum, problem.dFinalNormalizer),
		},
		keptBytes,
	);
	const wanted = {
		...{ dq, dk, dv, dLogDecay },
		dInitialSum: dInitialState?.sum,
		dInitialNormalizer: dInitialState?.normalizer,
	};
	const gradients: Gradients = {};
	for (const name of gradientNames) {
		const buffer = wanted[name];
		if (buffer) gradients[name] = store.readSync(buffer) as Float32Array;
	}
	for (const buffer of buffers) store.destroyBuffer(buffer);
	return gradients;
}

function expectClose(actual: Gradients, wanted: Gradients | ReturnType<typeof backwardLoop>, tolerance: number): void {
	expect(Object.keys(actual)).toEqual(expect.arrayContaining(["dq", "dk", "dv"]));
	for (const [name, values] of Object.entries(actual)) {
		expect(relativeError(values, wanted[name as GradientName] as ArrayLike<number>), name).toBeLessThan(tolerance);
	}
}

const variants: Partial<ProblemOptions>[] = [
	{},
	{ normalized: true },
	{ decay: 0.1, states: true },
	{ normalized: true, states: true },
	{ normalized: true, decay: 2, states: true },
];

describe("backwardLoop", () => {
	it("agrees with finite differences of the definition", () => {
		const options = { headDim: 3, valueDim: 2, length: 5, normalized: true, decay: 1, states: true };
		const problem = randomProblem(options);
		const sum = (values: ArrayLike<number>, weights: ArrayLike<number> | null) => {
			let total = 0;
			for (let i = 0; i < values.length; i++) total += (values[i] as number) * ((weights?.[i] as number) ?? 0);
			return total;
		};
		const loss = (changed: RunningStateProblem) => {
			const { out, finalSum, finalNormalizer } = forwardLoop(changed);
			return sum(out, problem.dOut) + sum(finalSum, problem.dFinalSum) + sum(finalNormalizer, problem.dFinalNormalizer);
		};
		const inputs = { dq: "q", dk: "k", dv: "v", dLogDecay: "logDecay" } as const;
		const stateInputs = { dInitialSum: "initialSum", dInitialNormalizer: "initialNormalizer" } as const;
		const gradients = backwardLoop(problem);
		for (const [name, input] of Object.entries({ ...inputs, ...stateInputs })) {
			const values = problem[input] as Float32Array;
			values.forEach((_, i) => {
				// The step is what float32 makes of it.
				const [up, down] = [values.slice(), values.slice()];
				up[i] = (up[i] as number) + 2 ** -10;
				down[i] = (down[i] as number) - 2 ** -10;
				const slope =
					(loss({ ...problem, [input]: up }) - loss({ ...problem, [input]: down })) /
					((up[i] as number) - (down[i] as number));
				expect(slope, `${name}[${i}]`).toBeCloseTo(gradients[name as GradientName][i] as number, 4);
			});
		}
	});
});

describe("runningStateGradient", () => {
	it.each([3, 8, 9, 47, 48, 49, 64, 65, 200, 1000])("equals the loop's at length %d", (length) => {
		for (const variant of variants) {
			const problem = randomProblem({ headDim: 16, valueDim: 12, length, ...variant });
			expectClose(run(problem), backwardLoop(problem), 1e-5);
		}
	});

	it.each([1, 2])("equals the loop's at length %d", (length) => {
		// Here the gradients of q and k nearly cancel with a normaliser, so there is one only if a state keeps them apart.
		for (const variant of variants.filter(({ normalized, states }) => !normalized || states)) {
			const problem = randomProblem({ headDim: 16, valueDim: 12, length, ...variant });
			expectClose(run(problem), backwardLoop(problem), 1e-5);
		}
	});

	it.each([1, 7, 16, 24, 64, 80, 128])("equals the loop's for heads of %d", (headDim) => {
		for (const variant of variants.slice(2)) {
			for (const valueDim of [headDim, 5]) {
				const problem = randomProblem({ headDim, valueDim, length: 100, ...variant });
				// With one feature and a normaliser, dq is what nearly cancels.
				expectClose(run(problem), backwardLoop(problem), headDim === 1 ? 1e-4 : 1e-5);
			}
		}
	});

	it("treats every head alike", () => {
		const options = { headDim: 8, valueDim: 8, length: 100, normalized: true, decay: 0.2, states: true };
		const one = run(randomProblem(options));
		const problem = randomProblem(options);
		const repeat = (values: Float32Array | null) =>
			values && Float32Array.from({ length: values.length * 9 }, (_, i) => values[i % values.length] as number);
		const arrays = Object.entries(problem).filter(([, value]) => value instanceof Float32Array);
		const repeated = Object.fromEntries(arrays.map(([name, values]) => [name, repeat(values as Float32Array)]));
		const nine = run({ ...problem, ...repeated, heads: 9 } as RunningStateProblem);
		for (const name of gradientNames) expect(nine[name]).toEqual(repeat(one[name] as Float32Array));
	});

	it("equals the loop's where heads are cut into segments", () => {
		for (const variant of variants) {
			const problem = randomProblem({ headDim: 5, valueDim: 6, length: 3000, ...variant });
			expectClose(run(problem), backwardLoop(problem), 1e-5);
		}
	});

	it("gives the same when it keeps few states", () => {
		for (const variant of variants) {
			const problem = randomProblem({ headDim: 16, valueDim: 12, length: 1000, ...variant });
			expectClose(run(problem, engines[2], 0), run(problem), 1e-5);
		}
	});

	it("gives the same bits on any number of threads", () => {
		for (const [heads, length] of [
			[1, 2100],
			[9, 200],
		] as const) {
			const problem = randomProblem({ heads, headDim: 16, valueDim: 16, length, normalized: true, decay: 0.01 });
			expect(run(problem, engines[2])).toEqual(run(problem, engines[1]));
		}
	});

	it.each([Number.NEGATIVE_INFINITY, -1e4])("passes nothing back through a log decay of %d", (reset) => {
		const options = { headDim: 16, valueDim: 8, length: 150, normalized: true, decay: 0.3, states: true };
		const problem = randomProblem(options);
		const resets = [0, 60, 61, 96];
		for (const t of resets) (problem.logDecay as Float32Array)[t] = reset;
		const gradients = run(problem);
		expectClose(gradients, backwardLoop(problem), 1e-5);
		for (const t of resets) expect(gradients.dLogDecay?.[t]).toBe(0);
		expect(gradients.dInitialSum?.every((value) => value === 0)).toBe(true);
	});

	it("keeps the gradient of the decay accurate over long sequences", () => {
		const problem = randomProblem({ headDim: 2, valueDim: 2, length: 30_000, decay: 1e-3 });
		const { dLogDecay } = run(problem);
		expect(relativeError(dLogDecay as Float32Array, backwardLoop(problem).dLogDecay)).toBeLessThan(2e-6);
	});
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { relativeError } from "../../testing/expect-close.js";
import {
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

interface Outputs {
	readonly out: Float32Array;
	readonly denominator: Float32Array | null;
	readonly finalSum: Float32Array;
	readonly finalNormalizer: Float32Array | null;
}

function run(problem: RunningStateProblem, engine = engines[2]): Outputs {
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
	const read = (buffer: DeviceBuffer) => store.readSync(buffer) as Float32Array;
	const { heads, length, headDim, valueDim, normalized, epsilon, logDecay, initialSum, initialNormalizer } = problem;
	const out = create(heads * length * valueDim);
	const denominator = normalized ? create(heads * length) : null;
	const finalState = {
		sum: create(heads * headDim * valueDim),
		normalizer: normalized ? create(heads * headDim) : null,
	};
	runningStateKernels(engine).runningState({
		...{ batch: 1, heads, length, headDim, valueDim, epsilon, out, denominator, finalState },
		q: upload(problem.q),
		k: upload(problem.k),
		v: upload(problem.v),
		logDecay: logDecay && upload(logDecay),
		initialState: initialSum && {
			sum: upload(initialSum),
			normalizer: initialNormalizer && upload(initialNormalizer),
		},
	});
	const outputs = {
		out: read(out),
		denominator: denominator && read(denominator),
		finalSum: read(finalState.sum),
		finalNormalizer: finalState.normalizer && read(finalState.normalizer),
	};
	for (const buffer of buffers) store.destroyBuffer(buffer);
	return outputs;
}

function expectLoop(problem: RunningStateProblem, tolerance = 2e-6): void {
	const actual = run(problem);
	const wanted = forwardLoop(problem);
	expect(relativeError(actual.out, wanted.out)).toBeLessThan(tolerance);
	expect(relativeError(actual.finalSum, wanted.finalSum)).toBeLessThan(tolerance);
	if (!actual.denominator || !actual.finalNormalizer) return;
	expect(relativeError(actual.denominator, wanted.denominator)).toBeLessThan(tolerance);
	expect(relativeError(actual.finalNormalizer, wanted.finalNormalizer)).toBeLessThan(tolerance);
}

/** Positions [first, last) of every head as a problem of its own. */
function part(problem: RunningStateProblem, first: number, last: number, start?: Outputs): RunningStateProblem {
	const { heads, length } = problem;
	const cut = (values: Float32Array) => {
		const size = values.length / heads / length;
		const pieces = Array.from({ length: heads }, (_, head) =>
			values.slice((head * length + first) * size, (head * length + last) * size),
		);
		return Float32Array.from(pieces.flatMap((piece) => [...piece]));
	};
	return {
		...problem,
		length: last - first,
		q: cut(problem.q),
		k: cut(problem.k),
		v: cut(problem.v),
		logDecay: problem.logDecay && cut(problem.logDecay),
		initialSum: start?.finalSum ?? problem.initialSum,
		initialNormalizer: start?.finalNormalizer ?? problem.initialNormalizer,
	};
}

describe("runningState", () => {
	const lengths = [1, 2, 8, 9, 47, 48, 49, 63, 64, 65, 200, 1000];
	const variants: Partial<ProblemOptions>[] = [
		{},
		{ normalized: true },
		{ decay: 0.1, states: true },
		{ normalized: true, states: true },
		{ normalized: true, decay: 2, states: true },
	];

	it.each(lengths)("equals the recurrence at length %d", (length) => {
		for (const variant of variants)
			expectLoop(randomProblem({ heads: 2, headDim: 24, valueDim: 16, length, ...variant }));
	});

	it.each([1, 7, 16, 24, 64, 80, 128])("equals the recurrence for heads of %d", (headDim) => {
		for (const variant of variants) {
			expectLoop(randomProblem({ headDim, valueDim: headDim, length: 130, ...variant }));
			expectLoop(randomProblem({ headDim, valueDim: 5, length: 100, ...variant }));
			expectLoop(randomProblem({ headDim: 3, valueDim: headDim, length: 7, ...variant }));
		}
	});

	it("equals the recurrence where heads are cut into segments", () => {
		for (const variant of variants) {
			expectLoop(randomProblem({ heads: 3, headDim: 5, valueDim: 6, length: 5000, ...variant }));
		}
	});

	it("gives the same bits on any number of threads", () => {
		for (const [heads, length] of [
			[1, 2100],
			[9, 200],
		] as const) {
			const problem = randomProblem({ heads, headDim: 16, valueDim: 8, length, normalized: true, decay: 0.01 });
			expect(run(problem, engines[2])).toEqual(run(problem, engines[1]));
		}
	});

	it.each([1, 5, 64, 100, 199])("split after %d positions equals one call", (first) => {
		const problem = randomProblem({ heads: 2, headDim: 16, valueDim: 24, length: 200, normalized: true, decay: 0.3 });
		const whole = run(problem);
		const start = run(part(problem, 0, first));
		const end = run(part(problem, first, problem.length, start));
		expect(relativeError(end.finalSum, whole.finalSum)).toBeLessThan(1e-6);
		expect(relativeError(end.finalNormalizer as Float32Array, whole.finalNormalizer as Float32Array)).toBeLessThan(
			1e-6,
		);
		const size = problem.length * problem.valueDim;
		const tail = whole.out.subarray(size + first * problem.valueDim);
		expect(relativeError(end.out.subarray(end.out.length / 2), tail)).toBeLessThan(1e-6);
	});

	it.each([Number.NEGATIVE_INFINITY, -1e4, -1e30])("starts afresh after a log decay of %d", (reset) => {
		const problem = randomProblem({
			headDim: 16,
			valueDim: 8,
			length: 150,
			normalized: true,
			decay: 0.3,
			states: true,
		});
		for (const t of [0, 60, 61, 96, 149]) (problem.logDecay as Float32Array)[t] = reset;
		expectLoop(problem);
		const { out } = run(problem);
		const alone = run({ ...part(problem, 61, 150), initialSum: null, initialNormalizer: null });
		expect(relativeError(out.subarray(61 * 8), alone.out)).toBeLessThan(1e-6);
	});

	it("does not look ahead", () => {
		const problem = randomProblem({ headDim: 16, valueDim: 8, length: 150, normalized: true, decay: 0.3 });
		const changed = { ...problem, k: problem.k.slice(), v: problem.v.slice() };
		changed.k.fill(1e20, 70 * 16);
		changed.v.fill(-1e15, 70 * 8);
		expect(run(changed).out.subarray(0, 70 * 8)).toEqual(run(problem).out.subarray(0, 70 * 8));
	});

	it.each([0, 2e-6])("stays accurate over 1,048,576 positions with decay %d", (decay) => {
		// Equal keys and values are the worst case: every rounding error has the same sign.
		const length = 2 ** 20;
		const constant = (count: number, value: number) => new Float32Array(count).fill(value);
		const problem = {
			...randomProblem({ length: 1, headDim: 2, valueDim: 1, normalized: true }),
			length,
			q: constant(2 * length, 0.7),
			k: constant(2 * length, 0.3),
			v: Float32Array.from({ length }, (_, i) => 0.1 + (i % 7) / 70),
			logDecay: decay ? constant(length, -decay) : null,
		};
		expectLoop(problem, 2e-5);
	});

	it("counts work that grows linearly", () => {
		const flops = [480, 960].map((length) => {
			engines[2].resetWork();
			run(randomProblem({ heads: 8, headDim: 16, valueDim: 16, length, normalized: true }));
			return engines[2].workStats().flops;
		}) as [number, number];
		expect(flops[0]).toBeGreaterThan(8 * 480 * 4 * 16 * 16);
		expect(flops[1]).toBe(2 * flops[0]);
	});
});

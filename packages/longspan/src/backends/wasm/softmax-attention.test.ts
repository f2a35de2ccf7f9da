import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bandPlan, causalPlan, encodePlans, fullPlan, gatherPlan } from "../../attention/plan/index.js";
import { tileSize } from "../../attention/plan/tile-plan.js";
import { anyAttention } from "../../testing/any-attention.js";
import {
	completeCase,
	type DenseCase,
	defineAttention,
	largestError,
	outputNames,
} from "../../testing/dense-attention.js";
import { integersBetween } from "../../testing/random-values.js";
import { runAttention } from "../../testing/run-attention.js";
import { createWasmBackend } from "./index.js";
import { sharesPerHead } from "./softmax-attention-gradient.js";

type WasmBackend = Awaited<ReturnType<typeof createWasmBackend>>;
const backends: WasmBackend[] = [];

beforeAll(async () => {
	// Fresh memory is NaN everywhere: whatever is read before it was written shows.
	for (const threads of [1, 2, 4]) backends.push(await createWasmBackend({ threads, poison: true }));
});

afterAll(() => {
	for (const backend of backends) backend.dispose();
});

function expectRight(test: DenseCase, tolerance = 4e-6): void {
	const expected = defineAttention(test);
	const [first, ...others] = backends.map((backend) => runAttention(backend, test));
	for (const name of outputNames) expect(largestError(first![name], expected[name]), name).toBeLessThan(tolerance);
	// The same bits on any number of threads.
	for (const other of others) expect(other).toEqual(first);
}

const band = (n: number, reach: number) => bandPlan({ rows: n, columns: n, minOffset: -reach, maxOffset: reach });
const numbers = (length: number, first = 0, step = 1) => Array.from({ length }, (_, i) => first + i * step);

describe("softmaxAttention and its gradient", () => {
	const lengths = [1, 4, 63, 64, 65, 200, 330];

	it.each(lengths)("agree with the definition at length %i", (n) => {
		expectRight({ plans: [fullPlan(n, n)], heads: 2, headDim: 24 });
		expectRight({ plans: [causalPlan(n)], batch: 2, sumGradient: false });
		expectRight({ plans: [band(n, 17)], valueDim: 7 });
	});

	it.each(lengths)("agree with %i queries and another number of keys", (n) => {
		for (const keys of [1, 70, 130]) {
			expectRight({ plans: [fullPlan(n, keys)] });
			expectRight({ plans: [causalPlan(n, keys)], headDim: 5 });
		}
	});

	it.each([1, 7, 16, 24, 64, 80, 128])("agree for width %i", (width) => {
		expectRight({ plans: [band(130, 40)], headDim: width });
		expectRight({ plans: [fullPlan(70, 65)], headDim: 16, valueDim: width });
		expectRight({ plans: [causalPlan(65)], headDim: width, valueDim: 10 });
	});

	it.each([4, 32, 37, 64, 100])(
		"agree for a single query of width %i, which gets the same bits in any company",
		(width) => {
			const keyMask = numbers(150).map((j) => (j < 70 || j > 90 ? 1 : 0));
			for (const valueDim of [width, 64]) {
				const sizes = { headDim: width, valueDim };
				expectRight({ ...sizes, plans: [fullPlan(1, 150)], heads: 2 });
				expectRight({ ...sizes, plans: [causalPlan(1, 150, 140)], keyMask });
				const [alone, among] = [1, 3].map((rows) => {
					const test: DenseCase = { ...sizes, plans: [fullPlan(rows, 150)] };
					return { ...runAttention(backends[1]!, test), q: completeCase(test).q.slice(0, width) };
				});
				expect(among!.q).toEqual(alone!.q);
				expect(Array.from(among!.out).slice(0, valueDim)).toEqual(Array.from(alone!.out));
			}
		},
	);

	it("agree where every head has a plan of its own", () => {
		const columnList = [...numbers(60, 3), 5, 5, 120];
		const plans = [causalPlan(130), gatherPlan({ rows: 130, columns: 130, columnList }), band(130, 3)];
		expectRight({ plans, headMap: [2, 0, 1], batch: 2, heads: 3 });
		expectRight({ plans, headMap: [2, 0, 1, 1, 1, 0], batch: 3, heads: 2 });
	});

	it("agree where shares of a head meet in the same keys", () => {
		// Nine tiles of keys that all hold the same few: several shares add to one row of dk and dv.
		const columnList = Array.from({ length: 9 * tileSize }, (_, i) => (i * 7) % 50);
		const plan = gatherPlan({ rows: 90, columns: 60, rowList: numbers(45, 0, 2), columnList });
		expect(sharesPerHead(1, 9)).toBeGreaterThan(1);
		expectRight({ plans: [plan] });
	});

	it("agree with key masks", () => {
		expectRight({ plans: [causalPlan(200)], batch: 2, heads: 2, keyMask: integersBetween(400, 6, 0, 2) });
		expectRight({ plans: [fullPlan(3, 200)], keyMask: numbers(200).map((j) => (j < 150 ? 1 : 0)) });
		expectRight({ plans: [band(200, 30)], keyMask: numbers(200).map((j) => (j < 70 || j > 80 ? 1 : 0)) });
	});

	it("give 0 for queries that see nothing and keys that nobody sees", () => {
		const plan = bandPlan({ rows: 200, columns: 200, minOffset: 100 });
		const results = runAttention(backends[1]!, { plans: [plan], headDim: 8 });
		expect(results.logSumExp[99]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
		expect(results.logSumExp[100]).toBe(Number.NEGATIVE_INFINITY);
		for (const name of ["out", "dq"] as const)
			expect(results[name]).toEqual(Float32Array.from(results[name]).fill(0, 800));
		for (const name of ["dk", "dv"] as const)
			expect(results[name]).toEqual(Float32Array.from(results[name]).fill(0, 0, 800));
		const hidden = runAttention(backends[1]!, { plans: [fullPlan(70, 70)], keyMask: new Array(70).fill(0) });
		expect(hidden.logSumExp).toEqual(new Float32Array(70).fill(Number.NEGATIVE_INFINITY));
		for (const name of ["out", "dq", "dk", "dv"] as const) expect(hidden[name]).toEqual(new Float32Array(70 * 16));
	});

	it("agree for scores up to 10000, as far as float32 tells them apart", () => {
		const test: DenseCase = { plans: [causalPlan(200)], headDim: 4, scale: 1, deviation: 40 };
		const { q, k } = completeCase(test);
		const products = numbers(200).map((i) => Math.abs(numbers(4).reduce((sum, t) => sum + q[i * 4 + t]! * k[t]!, 0)));
		expect(Math.max(...products)).toBeGreaterThan(5000);
		expectRight(test, 2e-3);
	});

	it("keep full precision when all scores of a query are far from 0", () => {
		// q·k = ±8192 exactly for every key: the weights are equal whatever the offset.
		for (const sign of [1, -1]) {
			const backend = backends[0]!;
			const n = 100;
			const fill = (length: number, value: number) => {
				const buffer = backend.createBuffer("float32", length);
				backend.write(buffer, new Float32Array(length).fill(value));
				return buffer;
			};
			const v = backend.createBuffer("float32", n);
			backend.write(v, numbers(n));
			const buffers = {
				q: fill(1, sign * 64),
				k: fill(n, 128),
				v,
				out: fill(1, Number.NaN),
				logSumExp: fill(1, Number.NaN),
			};
			backend.softmaxAttention({
				...{ ...buffers, keyMask: null, plans: encodePlans({ plans: [fullPlan(1, n)], headMap: [0] }), scale: 1 },
				...{ batch: 1, heads: 1, queryLength: 1, keyLength: n, headDim: 1, valueDim: 1 },
			});
			expect(backend.readSync(buffers.out)[0]).toBeCloseTo(49.5, 4);
			expect(backend.readSync(buffers.logSumExp)[0]).toBeCloseTo(sign * 8192 + Math.log(n), 2);
			for (const buffer of Object.values(buffers)) backend.destroyBuffer(buffer);
		}
	});

	it("agree for any plan", () => {
		fc.assert(
			fc.property(anyAttention, (test) => expectRight(test, 1e-5)),
			{ numRuns: 60 },
		);
	});
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bandPlan, causalPlan, encodePlans, fullPlan } from "../../attention/plan/index.js";
import type { DenseCase } from "../../testing/dense-attention.js";
import { runAttention } from "../../testing/run-attention.js";
import { createWasmBackend } from "./index.js";

let backend: Awaited<ReturnType<typeof createWasmBackend>>;

beforeAll(async () => {
	backend = await createWasmBackend({ threads: 2 });
});

afterAll(() => backend.dispose());

describe("work and memory of attention", () => {
	function workOf(test: DenseCase) {
		backend.resetWork();
		runAttention(backend, test);
		return backend.workStats();
	}

	it("counts the tiles that are visited, forward and backward", () => {
		expect(workOf({ plans: [fullPlan(300, 200)], heads: 3 }).tiles).toBe(2 * 3 * 5 * 4);
		expect(workOf({ plans: [causalPlan(640)] }).tiles).toBe(2 * 55);
		// A tile whose keys are all masked is not visited.
		const keyMask = Array.from({ length: 200 }, (_, j) => (j < 64 || j >= 128 ? 1 : 0));
		expect(workOf({ plans: [fullPlan(64, 200)], keyMask }).tiles).toBe(2 * 3);
	});

	it("does 2 operations for each product of the pairs it computes", () => {
		const { flops } = workOf({ plans: [fullPlan(64, 128)], headDim: 8, valueDim: 24 });
		expect(flops).toBe(64 * 128 * (2 * (8 + 24) + 6 * 8 + 4 * 24));
	});

	it("computes little more than the pairs that a window shows, also where its edges cut through tiles", () => {
		const [n, reach, width] = [2048, 256, 8];
		const pairs = n * (2 * reach + 1) - reach * (reach + 1);
		const { flops } = workOf({
			plans: [bandPlan({ rows: n, columns: n, minOffset: -reach, maxOffset: reach })],
			headDim: width,
		});
		expect(flops / (pairs * width * 14)).toBeLessThan(1.05);
		expect(flops / (pairs * width * 14)).toBeGreaterThanOrEqual(1);
	});

	it("computes a vector of lanes for one query, not a tile", () => {
		const test: DenseCase = { plans: [fullPlan(1, 640)], headDim: 8 };
		const forward = 640 * 4 * 4 * 8;
		const backward = 640 * 10 * 8;
		expect(workOf(test).flops).toBe(forward + backward);
	});

	it("takes no memory that grows with the square of the length", () => {
		const n = 4096;
		const create = (length: number) => backend.createBuffer("float32", length);
		const buffers = { q: create(n), k: create(n), v: create(n), out: create(n), logSumExp: create(n) };
		for (const name of ["q", "k", "v"] as const) backend.write(buffers[name], new Float32Array(n).fill(1));
		backend.resetPeak();
		const { liveBytes } = backend.memoryStats();
		backend.softmaxAttention({
			...{ ...buffers, keyMask: null, plans: encodePlans({ plans: [causalPlan(n)], headMap: [0] }), scale: 1 },
			...{ batch: 1, heads: 1, queryLength: n, keyLength: n, headDim: 1, valueDim: 1 },
		});
		expect(backend.memoryStats().peakBytes - liveBytes).toBeLessThan(100_000);
		for (const buffer of Object.values(buffers)) backend.destroyBuffer(buffer);
	});
});

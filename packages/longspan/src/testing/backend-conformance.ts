import { beforeAll, describe, expect, it } from "vitest";
import { bandPlan } from "../attention/plan/index.js";
import type { Backend } from "../backends/backend.js";
import { createReferenceBackend } from "../backends/reference/index.js";
import { axisCases } from "./cases/axis.js";
import { elementwiseCases } from "./cases/elementwise.js";
import { matrixCases } from "./cases/matrix.js";
import { mergeCases } from "./cases/merge-softmax.js";
import { packedMatrixCases } from "./cases/packed-matrix.js";
import { randomCases } from "./cases/random.js";
import { rowCases } from "./cases/rows.js";
import { runningStateCases } from "./cases/running-state.js";
import { softmaxAttentionCase, softmaxAttentionCases } from "./cases/softmax-attention.js";
import { type CaseResult, type KernelCase, runCase, type Tolerance } from "./kernel-case.js";

/** The conformance table: every kernel of `Backend` on awkward sizes and special values. */
export const kernelCases: Readonly<Record<string, readonly KernelCase[]>> = {
	elementwise: elementwiseCases,
	"along an axis": axisCases,
	rows: rowCases,
	random: randomCases,
	matrix: matrixCases,
	"packed matrix": packedMatrixCases,
	"softmax attention": softmaxAttentionCases,
	"merge of softmax attention": mergeCases,
	"running state": runningStateCases,
};

const referenceResults = new Map<KernelCase, Promise<CaseResult>>();

/** What the reference backend gives, rounded to float32; computed once for all backends tested in a file. */
function referenceResult(test: KernelCase): Promise<CaseResult> {
	const result = referenceResults.get(test) ?? runCase(createReferenceBackend(), test);
	referenceResults.set(test, result);
	return result;
}

/**
 * Registers tests that run the whole table on a backend and compare every output with the reference. Given `same`, the
 * backend with another number of threads, results must not differ from its in any bit.
 */
export function testBackendConformance(name: string, backend: () => Backend, same?: () => Backend): void {
	describe.each(Object.entries(kernelCases))(`${name}: %s`, (_, cases) => {
		it.each(cases.map((test) => [test.name, test] as const))("%s", async (_, test) => {
			const result = await runCase(backend(), test);
			expectInputsKept(result, test);
			expectClose(result, await referenceResult(test), test.tolerance);
			if (same) expectSameBits(result, await runCase(same(), test));
		});
	});
}

function expectInputsKept({ inputs }: CaseResult, test: KernelCase): void {
	for (const [name, { values }] of Object.entries(test.inputs)) {
		const changed = values.findIndex((value, i) => !Object.is(inputs[name]![i], value));
		expect(changed, `input ${name} changed at this element`).toBe(-1);
	}
}

function expectSameBits(actual: CaseResult, expected: CaseResult): void {
	for (const [name, values] of Object.entries(expected.outputs)) {
		const changed = Array.prototype.findIndex.call(values, (value, i) => !Object.is(actual.outputs[name]![i], value));
		expect(changed, `output ${name} differs from the other run at this element`).toBe(-1);
	}
}

function expectClose(actual: CaseResult, expected: CaseResult, tolerance: Tolerance): void {
	const problems = Object.keys(expected.outputs).map((name) =>
		describeDifference(name, actual.outputs[name]!, expected.outputs[name]!, tolerance),
	);
	const found = problems.filter((problem) => problem !== null).join("\n");
	if (found !== "") expect.fail(found);
}

/** The element furthest out of tolerance in words, or null if all are within. */
function describeDifference(
	name: string,
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	{ absolute, relative, ofLargest = 0 }: Tolerance,
): string | null {
	let largest = 0;
	for (let i = 0; i < expected.length; i++) {
		const size = Math.abs(expected[i]!);
		if (size > largest && size < Infinity) largest = size;
	}
	let [at, worst, count] = [-1, 1, 0];
	for (let i = 0; i < expected.length; i++) {
		if (actual[i] === expected[i] || Object.is(actual[i], expected[i])) continue;
		const allowed = absolute + relative * Math.abs(expected[i]!) + ofLargest * largest;
		const difference = Math.abs(actual[i]! - expected[i]!) / allowed;
		// A NaN, or an infinity on one side only, is further out than any number.
		const excess = Number.isFinite(difference) ? difference : Infinity;
		if (excess > 1) count++;
		if (excess > worst) [at, worst] = [i, excess];
	}
	if (count === 0) return null;
	const times = worst.toPrecision(3);
	return `${name}: ${count} of ${expected.length} elements are off, most [${at}]: ${actual[at]} for ${expected[at]} (${times} times the tolerance)`;
}

/** Registers tests of what a backend promises about buffers and counters. */
export function testBackendStore(name: string, backend: () => Backend): void {
	describe(`${name}: buffers and counters`, () => {
		let device: Backend;
		beforeAll(() => {
			device = backend();
		});

		it("reads back what was written, exactly", async () => {
			const values = device.createBuffer("float32", 5);
			const ids = device.createBuffer("int32", 3);
			device.write(values, [1.5, -0, NaN, Infinity, 1e-45]);
			device.write(ids, Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0));
			expect(await device.read(values)).toEqual(Float32Array.of(1.5, -0, NaN, Infinity, 1e-45));
			expect(await device.read(ids)).toEqual(Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0));
			device.destroyBuffer(values);
			device.destroyBuffer(ids);
		});

		it("writes a shorter array to the start", async () => {
			const buffer = device.createBuffer("float32", 4);
			device.write(buffer, [1, 2, 3, 4]);
			device.write(buffer, Float64Array.of(9, 8));
			expect(await device.read(buffer)).toEqual(Float32Array.of(9, 8, 3, 4));
			device.destroyBuffer(buffer);
		});

		it("reads copies", async () => {
			const buffer = device.createBuffer("float32", 2);
			device.write(buffer, [1, 2]);
			const before = await device.read(buffer);
			device.write(buffer, [3, 4]);
			expect(before).toEqual(Float32Array.of(1, 2));
			device.destroyBuffer(buffer);
		});

		it("counts live and peak bytes and buffers", () => {
			const before = device.memoryStats();
			device.resetPeak();
			const a = device.createBuffer("float32", 1000);
			const b = device.createBuffer("int32", 500);
			const during = device.memoryStats();
			expect(during.buffers - before.buffers).toBe(2);
			expect(during.liveBytes - before.liveBytes).toBeGreaterThanOrEqual(6000);
			expect(during.liveBytes - before.liveBytes).toBeLessThan(6000 + 2 * 256);
			device.destroyBuffer(a);
			device.destroyBuffer(b);
			const after = device.memoryStats();
			expect([after.buffers, after.liveBytes]).toEqual([before.buffers, before.liveBytes]);
			expect(after.peakBytes).toBe(during.liveBytes);
			device.resetPeak();
			expect(device.memoryStats().peakBytes).toBe(before.liveBytes);
		});

		it("counts work", () => {
			const [a, b, out] = [12, 20, 15].map((length) => device.createBuffer("float32", length));
			device.fill(a!, 1);
			device.fill(b!, 1);
			device.resetWork();
			device.matmul({
				...{ a: a!, b: b!, out: out!, batch: 1, m: 3, n: 5, k: 4, aBatchStride: 0, bBatchStride: 0 },
				transposeA: false,
				transposeB: false,
			});
			expect(device.workStats().flops).toBe(2 * 3 * 5 * 4);
			expect(device.workStats().kernels).toBeGreaterThanOrEqual(1);
			device.resetWork();
			expect(device.workStats()).toEqual({ flops: 0, tiles: 0, kernels: 0 });
			for (const buffer of [a, b, out]) device.destroyBuffer(buffer!);
		});

		it("counts the tiles and the work of attention", async () => {
			const [n, headDim, heads] = [1000, 24, 2];
			const plans = [bandPlan({ rows: n, columns: n, minOffset: -100, maxOffset: 0 })];
			const test = softmaxAttentionCase({ name: "counted", plans, headDim, heads });
			const reference = createReferenceBackend();
			device.resetWork();
			await runCase(reference, test);
			await runCase(device, test);
			const [least, counted] = [reference.workStats(), device.workStats()];
			// The gradient may walk its tiles once for the queries and once for the keys.
			expect([least.tiles, 1.5 * least.tiles]).toContain(counted.tiles);
			expect(counted.flops).toBeGreaterThanOrEqual(least.flops);
			expect(counted.flops).toBeLessThanOrEqual(2 * 64 * 64 * counted.tiles * 5 * headDim);
		});
	});
}

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { uniforms } from "../../testing/random-values.js";
import type { MatmulArguments } from "../backend.js";
import { bufferStore } from "./host/buffer-store.js";
import type { ModuleEngine } from "./host/module-engine.js";
import { startEngine } from "./host/start-engine.js";
import { matrixKernels } from "./matrix.js";
import { choosePartition } from "./matrix-partition.js";

type Case = Omit<MatmulArguments, "a" | "b" | "out" | "aBatchStride" | "bBatchStride"> & {
	readonly shareA?: boolean;
	readonly shareB?: boolean;
};

/** Fresh memory is NaN everywhere: whatever is read before it was written shows. */
const engines: ModuleEngine[] = [];

beforeAll(async () => {
	for (const threads of [1, 2, 4]) engines.push((await startEngine({ threads, poison: true }, () => {})).engine);
});

afterAll(() => {
	for (const engine of engines) engine.dispose();
});

function inputs({ batch, m, n, k, shareA, shareB }: Case): { a: Float32Array; b: Float32Array } {
	return {
		a: Float32Array.from(uniforms((shareA ? 1 : batch) * m * k, 1, -1, 1)),
		b: Float32Array.from(uniforms((shareB ? 1 : batch) * k * n, 2, -1, 1)),
	};
}

function multiply(engine: ModuleEngine, test: Case): Float32Array {
	const { batch, m, n, k, shareA, shareB } = test;
	const store = bufferStore(engine);
	const values = inputs(test);
	const a = store.createBuffer("float32", values.a.length);
	const b = store.createBuffer("float32", values.b.length);
	const out = store.createBuffer("float32", batch * m * n);
	try {
		store.write(a, values.a);
		store.write(b, values.b);
		matrixKernels(engine).matmul({
			...test,
			a,
			b,
			out,
			aBatchStride: shareA ? 0 : m * k,
			bBatchStride: shareB ? 0 : k * n,
		});
		return Float32Array.from(store.readSync(out));
	} finally {
		for (const buffer of [a, b, out]) store.destroyBuffer(buffer);
	}
}

/** The largest error, each divided by the sum of |a_ik b_kj|, to which float32 rounding errors are proportional. NaN counts as infinite. */
function largestError(actual: Float32Array, test: Case): number {
	const { batch, m, n, k, transposeA, transposeB, shareA, shareB } = test;
	const { a, b } = inputs(test);
	let worst = 0;
	for (let i = 0; i < batch * m * n; i++) {
		const entry = Math.floor(i / (m * n));
		const row = Math.floor(i / n) % m;
		const column = i % n;
		const aStart = shareA ? 0 : entry * m * k;
		const bStart = shareB ? 0 : entry * k * n;
		let sum = 0;
		let magnitude = 0;
		for (let t = 0; t < k; t++) {
			const product =
				a[aStart + (transposeA ? t * m + row : row * k + t)]! *
				b[bStart + (transposeB ? column * k + t : t * n + column)]!;
			sum += product;
			magnitude += Math.abs(product);
		}
		const error = Math.abs(actual[i]! - sum) / (magnitude || 1);
		worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
	}
	return worst;
}

function expectRight(test: Case): void {
	const [first, ...others] = engines.map((engine) => multiply(engine, test));
	expect(largestError(first!, test)).toBeLessThan(2e-6);
	for (const other of others) expect(other).toEqual(first);
}

const transposes = [
	[false, false],
	[false, true],
	[true, false],
	[true, true],
] as const;

describe.each(transposes)("matmul, transposed a: %s, transposed b: %s", (transposeA, transposeB) => {
	const flags = { transposeA, transposeB };

	it("agrees with float64 for odd sizes on any number of threads", () => {
		const lengths = [1, 3, 7, 17, 63, 64, 65, 129];
		for (const m of lengths) {
			for (const n of lengths) {
				// Every pair of m and n, with k running through the same lengths.
				const k = lengths[(lengths.indexOf(m) + 3 * lengths.indexOf(n)) % lengths.length]!;
				expectRight({ batch: 1, m, n, k, ...flags });
			}
		}
	});

	it.each([
		["several blocks of each kind", { batch: 1, m: 250, n: 600, k: 530 }],
		["a long sum", { batch: 1, m: 3, n: 5, k: 10_000 }],
		["a row times a matrix", { batch: 2, m: 1, n: 1030, k: 301 }],
		["a matrix times a column", { batch: 2, m: 1030, n: 1, k: 301 }],
		["many small products", { batch: 500, m: 5, n: 6, k: 7 }],
		["a shared by the batch", { batch: 3, m: 33, n: 70, k: 40, shareA: true }],
		["b shared by the batch", { batch: 3, m: 33, n: 70, k: 40, shareB: true }],
		["both shared", { batch: 3, m: 4, n: 9, k: 6, shareA: true, shareB: true }],
	])("does %s", (_, sizes) => {
		expectRight({ ...sizes, ...flags });
	});

	it.each([
		{ batch: 0, m: 2, n: 3, k: 4 },
		{ batch: 2, m: 0, n: 3, k: 4 },
		{ batch: 2, m: 3, n: 0, k: 4 },
	])("gives nothing for %o", (sizes) => {
		expect(multiply(engines[1]!, { ...sizes, ...flags })).toHaveLength(0);
	});

	it.each([
		[1, 5],
		[5, 1],
		[40, 70],
	])("gives zeros for k = 0 and [%i, %i]", (m, n) => {
		expect(multiply(engines[1]!, { batch: 2, m, n, k: 0, ...flags })).toEqual(new Float32Array(2 * m * n));
	});

	it("agrees with float64 for any sizes", () => {
		const size = fc.integer({ min: 0, max: 40 });
		const sizes = fc.record({
			batch: fc.integer({ min: 0, max: 4 }),
			m: size,
			n: size,
			k: size,
			shareA: fc.boolean(),
			shareB: fc.boolean(),
		});
		fc.assert(fc.property(sizes, (drawn) => expectRight({ ...drawn, ...flags })));
	});
});

describe("matmul", () => {
	it("counts two operations for each multiplication", () => {
		const engine = engines[0]!;
		engine.resetWork();
		multiply(engine, { batch: 3, m: 5, n: 1, k: 7, transposeA: false, transposeB: true });
		expect(engine.workStats()).toEqual({ flops: 2 * 3 * 5 * 7, tiles: 0, kernels: 1 });
	});
});

describe("choosePartition", () => {
	const length = fc.integer({ min: 1, max: 3000 });
	// A single row is cut into longer blocks, that need no packing.
	const rows = fc.integer({ min: 2, max: 3000 });

	it("gives every thread a block of a product that is worth it, and no block more columns than fit the caches", () => {
		fc.assert(
			fc.property(fc.tuple(rows, length, length, fc.integer({ min: 2, max: 8 })), ([m, n, k, threads]) => {
				const { rowBlock, columnBlock } = choosePartition(1, m, n, k, threads);
				expect(columnBlock).toBeLessThanOrEqual(256);
				fc.pre(m * n >= threads * 10_000 && m * n * k >= threads * 1_000_000);
				expect(Math.ceil(m / rowBlock) * Math.ceil(n / columnBlock)).toBeGreaterThanOrEqual(threads);
			}),
		);
	});

	it("leaves the products of a large batch whole", () => {
		expect(choosePartition(100, 64, 64, 64, 8)).toEqual({ rowBlock: 64, columnBlock: 64 });
	});
});

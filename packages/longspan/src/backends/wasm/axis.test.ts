import { describe, expect, it } from "vitest";
import { expectAllClose } from "../../testing/expect-close.js";
import { normals, uniforms } from "../../testing/random-values.js";
import { useSubjects } from "../../testing/wasm-engines.js";
import type { AxisExtent } from "../backend.js";

const subjects = useSubjects();

/** Calls `visit` with the offsets of the elements of every sum. */
function forEachSum({ outer, length, inner }: AxisExtent, visit: (sum: number, offsets: number[]) => void): void {
	for (let sum = 0; sum < outer * inner; sum++) {
		const start = Math.floor(sum / inner) * length * inner + (sum % inner);
		visit(
			sum,
			Array.from({ length }, (_, t) => start + t * inner),
		);
	}
}

function sums(x: ArrayLike<number>, extent: AxisExtent): number[] {
	const result: number[] = [];
	forEachSum(extent, (sum, offsets) => {
		result[sum] = offsets.reduce((total, offset) => total + x[offset]!, 0);
	});
	return result;
}

/** Long axes with few sums are split; 513 columns are more than one item; the others are neither. */
const extents: readonly AxisExtent[] = [
	{ outer: 1, length: 1_000_000, inner: 1 },
	{ outer: 3, length: 70_001, inner: 1 },
	{ outer: 1, length: 100_003, inner: 2 },
	{ outer: 2, length: 3001, inner: 63 },
	{ outer: 2, length: 37, inner: 513 },
	{ outer: 1, length: 17, inner: 1 },
	{ outer: 5, length: 257, inner: 4 },
];

describe("reduce", () => {
	it.each(extents)("sums $outer x $length x $inner to 1e-6", (extent) => {
		const x = uniforms(extent.outer * extent.length * extent.inner, 1, 0, 1).map(Math.fround);
		const expected = sums(x, extent);
		for (const subject of subjects) {
			const out = subject.empty(expected.length);
			subject.kernels.reduce("sum", subject.floats(x), out, extent);
			expectAllClose(subject.read(out), expected, { relative: 1e-6 });
		}
	});

	it("adds the same number a million times", () => {
		const extent = { outer: 1, length: 1_000_000, inner: 1 };
		for (const subject of subjects) {
			const x = subject.empty(1_000_000);
			const out = subject.empty(1);
			subject.kernels.fill(x, 0.1);
			subject.kernels.reduce("sum", x, out, extent);
			expectAllClose(subject.read(out), [1_000_000 * Math.fround(0.1)], { relative: 1e-6 });
		}
	});

	it.each(extents)("finds a NaN and a maximum in $outer x $length x $inner", (extent) => {
		const { outer, length, inner } = extent;
		const x = normals(outer * length * inner, 2).map(Math.fround);
		const expected: number[] = [];
		forEachSum(extent, (sum, offsets) => {
			if (sum % 3 === 1) x[offsets[Math.floor(length / 2)]!] = NaN;
			expected[sum] = offsets.reduce((max, offset) => Math.max(max, x[offset]!), -Infinity);
		});
		for (const subject of subjects) {
			const out = subject.empty(expected.length);
			subject.kernels.reduce("max", subject.floats(x), out, extent);
			expect(subject.read(out)).toEqual(expected);
		}
	});

	it("gives the same bits on any number of threads", () => {
		const extent = { outer: 1, length: 300_007, inner: 3 };
		const x = normals(900_021, 3);
		const [one, two] = subjects.slice(0, 2).map((subject) => {
			const out = subject.empty(3);
			subject.kernels.reduce("sum", subject.floats(x), out, extent);
			return subject.read(out);
		});
		expect(two).toEqual(one);
	});
});

describe("cumulativeSum", () => {
	const wide: AxisExtent[] = [...extents, { outer: 1, length: 4097, inner: 7 }];

	it.each(wide)("$outer x $length x $inner, both ways", (extent) => {
		const x = uniforms(extent.outer * extent.length * extent.inner, 4, 0, 1).map(Math.fround);
		for (const reverse of [false, true]) {
			const expected = new Array<number>(x.length);
			forEachSum(extent, (_, offsets) => {
				let total = 0;
				for (const offset of reverse ? offsets.reverse() : offsets) expected[offset] = total += x[offset]!;
			});
			for (const subject of subjects) {
				const out = subject.empty(x.length);
				subject.kernels.cumulativeSum(subject.floats(x), out, extent, reverse);
				expectAllClose(subject.read(out), expected, { relative: 2e-7 });
			}
		}
	});

	it("does not lose small terms beside large ones that cancel", () => {
		for (const subject of subjects) {
			const x = subject.floats([1e8, -1e8, 1, 3e9, 1, -3e9, 1]);
			const out = subject.empty(7);
			subject.kernels.cumulativeSum(x, out, { outer: 1, length: 7, inner: 1 }, false);
			expect(subject.read(out)).toEqual([1e8, 0, 1, 3e9, 3e9, 2, 3]);
		}
	});

	it("stays infinite after an infinity, without NaN", () => {
		for (const subject of subjects) {
			for (const inner of [1, 2]) {
				const x = subject.floats(Array.from({ length: 9 * inner }, (_, i) => (i < 2 * inner ? 1 : Infinity)));
				const out = subject.empty(9 * inner);
				subject.kernels.cumulativeSum(x, out, { outer: 1, length: 9, inner }, false);
				expect(subject.read(out)).toEqual(
					Array.from({ length: 9 * inner }, (_, i) => (i < inner ? 1 : i < 2 * inner ? 2 : Infinity)),
				);
			}
		}
	});
});

import type { AxisExtent } from "../../backends/backend.js";
import { floatOutput, floats, type KernelCase, kernelCase } from "../kernel-case.js";
import { integersBetween, normals, uniforms } from "../random-values.js";

const extents: readonly AxisExtent[] = [
	{ outer: 1, length: 1, inner: 1 },
	{ outer: 3, length: 63, inner: 1 },
	{ outer: 1, length: 1000, inner: 1 },
	{ outer: 2, length: 65, inner: 17 },
	{ outer: 5, length: 1, inner: 3 },
	{ outer: 1, length: 7, inner: 1003 },
	{ outer: 130, length: 4, inner: 5 },
	{ outer: 3000, length: 9, inner: 1 },
];

const describeExtent = ({ outer, length, inner }: AxisExtent): string => `[${outer}, ${length}, ${inner}]`;

/** Maximum and its gradient, without ties. */
export function maxCase(extent: AxisExtent): KernelCase {
	const { outer, length, inner } = extent;
	return kernelCase({
		name: `max and gradient ${describeExtent(extent)}`,
		inputs: { x: floats(normals(outer * length * inner, 1)), dy: floats(normals(outer * inner, 2)) },
		outputs: { y: floatOutput(outer * inner), dx: floatOutput(outer * length * inner) },
		gradient: { upstream: { y: "dy" }, wanted: { x: "dx" } },
		run(backend, { x, dy, y, dx }) {
			backend.reduce("max", x, y, extent);
			backend.maxGradient(x, y, dy, dx, extent);
		},
	});
}

function runningMaxCase(extent: AxisExtent): KernelCase {
	const size = extent.outer * extent.length * extent.inner;
	return kernelCase({
		name: `running maxima ${describeExtent(extent)}`,
		inputs: { x: floats(normals(size, 6)) },
		outputs: { y: floatOutput(size) },
		run: (backend, { x, y }) => backend.cumulativeMax(x, y, extent),
	});
}

function maxTiesCase(extent: AxisExtent): KernelCase {
	const { outer, length, inner } = extent;
	const x = integersBetween(outer * length * inner, 3, -2, 2);
	return {
		...maxCase(extent),
		name: `max with ties ${describeExtent(extent)}`,
		inputs: { ...maxCase(extent).inputs, x: floats(x) },
	};
}

function sumCase(extent: AxisExtent): KernelCase {
	const { outer, length, inner } = extent;
	return kernelCase({
		name: `sum and running sums ${describeExtent(extent)}`,
		inputs: { x: floats(normals(outer * length * inner, 4)) },
		outputs: {
			sum: floatOutput(outer * inner),
			forward: floatOutput(outer * length * inner),
			backward: floatOutput(outer * length * inner),
		},
		tolerance: { absolute: 1e-6, relative: 2e-6, ofLargest: 1e-6 },
		run(backend, { x, sum, forward, backward }) {
			backend.reduce("sum", x, sum, extent);
			backend.cumulativeSum(x, forward, extent, false);
			backend.cumulativeSum(x, backward, extent, true);
		},
	});
}

/** A naive float32 sum is wrong by 1e-4 and more here. */
function longSumCase(inner: number): KernelCase {
	const extent = { outer: 1, length: 300_001, inner };
	return kernelCase({
		name: `long sums ${describeExtent(extent)}`,
		inputs: { x: floats(uniforms(300_001 * inner, 5, 0, 1)) },
		outputs: { sum: floatOutput(inner), forward: floatOutput(300_001 * inner) },
		tolerance: { absolute: 0, relative: 2e-6 },
		run(backend, { x, sum, forward }) {
			backend.reduce("sum", x, sum, extent);
			backend.cumulativeSum(x, forward, extent, false);
		},
	});
}

/** Rows with a NaN at either end or amid, infinities, and nothing but -Infinity, along both kinds of axis. */
function maxSpecialCase(inner: boolean): KernelCase {
	const rows = [
		[1, 2, NaN, 3, 4, 5, 6, 7, 8],
		[NaN, 2, 1, 3, 4, 5, 6, 7, 8],
		[1, 2, 1, 3, 4, 5, 6, 7, NaN],
		[1, Infinity, 1, 3, 4, 5, 6, 7, 8],
		new Array(9).fill(-Infinity),
		[-0, -1, -2, -3, -4, -5, -6, -7, -8],
	];
	const values = inner ? rows[0]!.flatMap((_, t) => rows.map((row) => row[t]!)) : rows.flat();
	return kernelCase({
		name: `max of special values, inner ${inner ? 6 : 1}`,
		inputs: { x: floats(values) },
		outputs: { y: floatOutput(6) },
		run: (backend, { x, y }) =>
			backend.reduce("max", x, y, inner ? { outer: 1, length: 9, inner: 6 } : { outer: 6, length: 9, inner: 1 }),
	});
}

export const axisCases: readonly KernelCase[] = [
	...extents.flatMap((extent) => [sumCase(extent), maxCase(extent), maxTiesCase(extent), runningMaxCase(extent)]),
	longSumCase(1),
	longSumCase(3),
	maxSpecialCase(false),
	maxSpecialCase(true),
];

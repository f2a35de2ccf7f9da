import type { AxisExtent, AxisKernels, DeviceBuffer } from "../backend.js";
import type { WasmEngine } from "./engine.js";
import { ReduceWords } from "./kernels/axis/reduce-words.js";
import { KernelId } from "./kernels/kernel-id.js";

/** Bytes of scratch for one float64 a column. */
const scratchBytes = ReduceWords.columns * 8;

function tilesOf(inner: number): number {
	return Math.ceil(inner / ReduceWords.columns);
}

/**
 * Length of the parts an axis is cut in. Long axes are cut where there are few sums, so that threads can share them; where depends
 * on the extent alone and never on the number of threads, and so the result does not either.
 */
function partLengthOf({ outer, length, inner }: AxisExtent): number {
	const sums = outer * tilesOf(inner);
	const minimum = Math.max(16, Math.ceil(ReduceWords.part / inner));
	if (sums >= ReduceWords.parts || length < 4 * minimum) return Math.max(1, length);
	return Math.max(minimum, Math.ceil(length / Math.ceil(ReduceWords.parts / sums)));
}

/** Reduces the middle axis of [outer, length, inner] at address `x` to [outer, inner] at `out`. */
export function reduceAt(
	engine: WasmEngine,
	operation: "sum" | "max",
	x: number,
	out: number,
	extent: AxisExtent,
): void {
	const { outer, length, inner } = extent;
	const partLength = partLengthOf(extent);
	const parts = Math.max(1, Math.ceil(length / partLength));
	const code = operation === "sum" ? ReduceWords.sum : ReduceWords.max;
	const pass = (from: number, to: number, rows: number, pieces: number, pieceLength: number): void => {
		const words = [from, to, code, rows, inner, pieces, pieceLength];
		engine.dispatch(KernelId.reduce, outer * pieces * tilesOf(inner), outer * rows * inner, words);
	};
	engine.reserveScratch(scratchBytes);
	if (parts === 1) {
		pass(x, out, length, 1, partLength);
		return;
	}
	engine.withTemporary(outer * parts * inner * 4, (partials) => {
		pass(x, partials, length, parts, partLength);
		pass(partials, out, parts, 1, parts);
	});
}

/** The kernels over one axis. */
export function axisKernels(engine: WasmEngine): AxisKernels {
	return {
		reduce(operation: "sum" | "max", x: DeviceBuffer, out: DeviceBuffer, extent: AxisExtent): void {
			reduceAt(engine, operation, engine.pointer(x), engine.pointer(out), extent);
		},
		maxGradient(x: DeviceBuffer, y: DeviceBuffer, dy: DeviceBuffer, dx: DeviceBuffer, extent: AxisExtent): void {
			const { outer, length, inner } = extent;
			const words = [engine.pointer(x), engine.pointer(y), engine.pointer(dy), engine.pointer(dx), length, inner];
			engine.dispatch(KernelId.maxGradient, outer * Math.ceil(inner / 4), 2 * outer * length * inner, words);
		},
		cumulativeSum(x: DeviceBuffer, out: DeviceBuffer, extent: AxisExtent, reverse: boolean): void {
			const { outer, length, inner } = extent;
			const words = [engine.pointer(x), engine.pointer(out), length, inner, reverse ? 1 : 0];
			engine.reserveScratch(scratchBytes);
			engine.dispatch(KernelId.cumulativeSum, outer * tilesOf(inner), 4 * outer * length * inner, words);
		},
		cumulativeMax(x: DeviceBuffer, out: DeviceBuffer, { outer, length, inner }: AxisExtent): void {
			const words = [engine.pointer(x), engine.pointer(out), length, inner];
			engine.dispatch(KernelId.cumulativeMax, outer * Math.ceil(inner / 4), 2 * outer * length * inner, words);
		},
	};
}

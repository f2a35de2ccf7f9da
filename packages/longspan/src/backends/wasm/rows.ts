import { type DeviceBuffer, floatBits, type RowKernels } from "../backend.js";
import type { WasmEngine } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { normGradient } from "./norm-gradient.js";

/** Estimated simple operations for an element of a row with one exponential. */
const softmaxWork = 6;
/** Columns of a table with few rows that one thread adds up. */
const scatterTile = 16;
const scatterManyRows = 64;

/** The kernels over rows. */
export function rowKernels(engine: WasmEngine): RowKernels {
	const pointer = (buffer: DeviceBuffer | null): number => (buffer === null ? 0 : engine.pointer(buffer));
	return {
		softmax(x, out, rows, columns, logarithm): void {
			const words = [pointer(x), pointer(out), columns, logarithm ? 1 : 0];
			engine.dispatch(KernelId.softmax, rows, softmaxWork * rows * columns, words);
		},
		softmaxGradient(y, dy, dx, rows, columns, logarithm): void {
			const words = [pointer(y), pointer(dy), pointer(dx), columns, logarithm ? 1 : 0];
			engine.dispatch(KernelId.softmaxGradient, rows, softmaxWork * rows * columns, words);
		},
		norm({ x, weight, bias, mean, inverseDeviation, out, rows, columns, epsilon }): void {
			const pointers = [
				pointer(x),
				pointer(weight),
				pointer(bias),
				pointer(mean),
				pointer(inverseDeviation),
				pointer(out),
			];
			engine.dispatch(KernelId.norm, rows, 3 * rows * columns, [...pointers, columns, floatBits(epsilon)]);
		},
		normGradient(args): void {
			normGradient(engine, args);
		},
		crossEntropy({ logits, targets, loss, logSumExp, rows, classes, ignoreIndex }): void {
			const words = [pointer(logits), pointer(targets), pointer(loss), pointer(logSumExp), classes, ignoreIndex];
			engine.dispatch(KernelId.crossEntropy, rows, softmaxWork * rows * classes, words);
		},
		crossEntropyGradient({ logits, targets, logSumExp, dLoss, dLogits, rows, classes, ignoreIndex }): void {
			const pointers = [pointer(logits), pointer(targets), pointer(logSumExp), pointer(dLoss), pointer(dLogits)];
			engine.dispatch(KernelId.crossEntropyGradient, rows, softmaxWork * rows * classes, [
				...pointers,
				classes,
				ignoreIndex,
			]);
		},
		gather(table, ids, out, width): void {
			engine.dispatch(KernelId.gather, ids.length, out.length, [pointer(table), pointer(ids), pointer(out), width]);
		},
		scatterAdd(ids, dy, dTable, width): void {
			if (width === 0) return;
			const rows = dTable.length / width;
			const tile = rows < scatterManyRows ? Math.min(scatterTile, width) : width;
			const items = tile === width ? rows : Math.ceil(width / tile);
			const words = [pointer(ids), pointer(dy), pointer(dTable), ids.length, rows, width, tile];
			engine.dispatch(KernelId.scatterAdd, items, dTable.length + 2 * dy.length, words);
		},
		signedArgMax(x, out, rows, widths): void {
			const work = 2 * x.length + 10 * widths.length * rows;
			engine.dispatch(KernelId.signedArgMax, rows, work, [pointer(x), pointer(out), widths.length, ...widths]);
		},
	};
}

import type { RowKernels } from "../backend.js";
import { reduceAt } from "./axis.js";
import type { WasmEngine } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";

/** Rows whose weight gradients are added up in one go; a number of rows has always the same blocks, on any number of threads. */
function rowsPerBlockOf(rows: number): number {
	return rows <= 1024 ? 16 : 64;
}

/** Gradients of LayerNorm and RMSNorm: those of weight and bias are first summed over blocks of rows, then over the blocks. */
export function normGradient(engine: WasmEngine, args: Parameters<RowKernels["normGradient"]>[0]): void {
	const { rows, columns, mean, dBias } = args;
	const rowsPerBlock = rowsPerBlockOf(rows);
	const blocks = Math.max(1, Math.ceil(rows / rowsPerBlock));
	const partialBytes = blocks * columns * 4;
	engine.withTemporary(partialBytes * (mean ? 2 : 1), (partials) => {
		const words = [
			engine.pointer(args.x),
			engine.pointer(args.weight),
			mean ? engine.pointer(mean) : 0,
			engine.pointer(args.inverseDeviation),
			engine.pointer(args.dy),
			engine.pointer(args.dx),
			partials,
			rows,
			columns,
			rowsPerBlock,
			blocks,
		];
		engine.dispatch(KernelId.normGradient, blocks, 6 * rows * columns, words);
		const extent = { outer: 1, length: blocks, inner: columns };
		reduceAt(engine, "sum", partials, engine.pointer(args.dWeight), extent);
		if (mean && dBias) reduceAt(engine, "sum", partials + partialBytes, engine.pointer(dBias), extent);
	});
}

import type { Backend, BufferStore } from "../backend.js";
import { axisKernels } from "./axis.js";
import { elementwiseKernels } from "./elementwise.js";
import { bufferStore } from "./host/buffer-store.js";
import type { ModuleEngine } from "./host/module-engine.js";
import { matrixKernels } from "./matrix.js";
import { mergeSoftmaxKernels } from "./merge-softmax.js";
import { packedMatrixKernels } from "./packed-matrix.js";
import { randomKernels } from "./random.js";
import { rowKernels } from "./rows.js";
import { runningStateKernels } from "./running-state.js";
import { softmaxAttentionKernels } from "./softmax-attention.js";

/** All of a backend but its name and its end. */
export type WasmKernels = Omit<Backend, "name" | "description" | "dispose"> & Required<BufferStore>;

export function assembleKernels(engine: ModuleEngine): WasmKernels {
	const store = bufferStore(engine);
	return {
		...store,
		...elementwiseKernels(engine),
		...axisKernels(engine),
		...rowKernels(engine),
		...randomKernels(engine),
		...matrixKernels(engine),
		...packedMatrixKernels(engine, store),
		...softmaxAttentionKernels(engine),
		...mergeSoftmaxKernels(engine),
		...runningStateKernels(engine),
	};
}

import { type Onnxruntime, onnxruntimeTasks } from "./onnxruntime.js";
import type { PeerStart } from "./peer.js";

/** ONNX Runtime's native CPU kernels. */
export const startOnnxruntimeNode: PeerStart = async (module, { version, threads }) => {
	const name = "onnxruntime-node";
	const options = { executionProviders: ["cpu"], intraOpNumThreads: threads, interOpNumThreads: 1 };
	return {
		name,
		version,
		remark: `native code on ${threads} ${threads === 1 ? "thread" : "threads"}, with the widest vectors the processor has (512 bits with AVX-512; WebAssembly has 128, the turbo build 256)`,
		...onnxruntimeTasks(name, module as Onnxruntime, options),
	};
};

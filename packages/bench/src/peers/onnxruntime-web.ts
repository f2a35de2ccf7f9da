import { type Onnxruntime, onnxruntimeTasks } from "./onnxruntime.js";
import type { PeerStart } from "./peer.js";

/** ONNX Runtime compiled to WebAssembly, run in Node. */
export const startOnnxruntimeWeb: PeerStart = async (module, { version, threads }) => {
	const name = "onnxruntime-web";
	const ort = module as Onnxruntime;
	ort.env.wasm.numThreads = threads;
	const tasks = onnxruntimeTasks(name, ort, { executionProviders: ["wasm"] });
	await withoutGlobalWorker(async () => (await tasks.tinyOperation()).dispose?.());
	return {
		name,
		version,
		remark: `its WebAssembly build on ${threads} ${threads === 1 ? "thread" : "threads"} in Node; it copies operands and results in and out of its memory at each call`,
		...tasks,
	};
};

/**
 * Starting the threads makes Node's `Worker` global, which jax-js takes for a browser with shared memory, and then fails:
 * this puts things back. The threads are all started by then.
 */
async function withoutGlobalWorker(start: () => Promise<void>): Promise<void> {
	const before = Object.getOwnPropertyDescriptor(globalThis, "Worker");
	await start();
	if (before) Object.defineProperty(globalThis, "Worker", before);
	else Reflect.deleteProperty(globalThis, "Worker");
}

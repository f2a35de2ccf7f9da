import { builtin } from "./platform.js";

/** What the worker's script is told; see worker.ts. */
export interface WorkerTask {
	readonly module: WebAssembly.Module;
	readonly memory: WebAssembly.Memory;
	readonly control: number;
	readonly thread: number;
}

/** A worker of Node or of a browser. */
export interface WorkerThread {
	/** Resolves when the worker is about to enter its loop; rejects if it never gets there. */
	readonly ready: Promise<void>;
	/** Called when the worker ends for any reason. */
	onEnd: (() => void) | null;
	terminate(): void;
}

/** Starts a worker that does nothing but take part in jobs. It does not keep a Node process alive once it is ready. */
export function startWorker(task: WorkerTask): WorkerThread {
	return builtin ? startNodeWorker(builtin, task) : startWebWorker(task);
}

function startNodeWorker(modules: NonNullable<typeof builtin>, task: WorkerTask): WorkerThread {
	const { Worker } = modules("node:worker_threads");
	// Without the flags of this process (loaders, inspectors): the worker needs none of them.
	const worker = new Worker(new URL("../../../../dist/backends/wasm/host/worker.js", import.meta.url), {
		execArgv: [],
		name: "longspan",
	});
	const ready = new Promise<void>((resolve, reject) => {
		worker.once("message", () => {
			worker.unref();
			resolve();
		});
		worker.on("error", reject);
		worker.once("exit", (code) => {
			reject(new Error(`the worker exited with code ${code}`));
			thread.onEnd?.();
		});
	});
	const thread: WorkerThread = { ready, onEnd: null, terminate: () => void worker.terminate() };
	worker.postMessage(task);
	return thread;
}

function startWebWorker(task: WorkerTask): WorkerThread {
	const worker = new Worker(new URL("../../../../dist/backends/wasm/host/worker.js", import.meta.url), {
		type: "module",
		name: "longspan",
	});
	const ready = new Promise<void>((resolve, reject) => {
		worker.onmessage = () => resolve();
		worker.onerror = (event) => {
			reject(new Error(event.message || "the worker's script could not be loaded"));
			thread.onEnd?.();
		};
	});
	const thread: WorkerThread = { ready, onEnd: null, terminate: () => worker.terminate() };
	worker.postMessage(task);
	return thread;
}

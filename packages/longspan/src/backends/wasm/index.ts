import type { Backend, BufferStore } from "../backend.js";
import { assembleKernels } from "./assemble.js";
import type { WasmOptions } from "./host/options.js";
import { checkNumerically } from "./host/self-check.js";
import { startEngine } from "./host/start-engine.js";

export type { WasmOptions } from "./host/options.js";

/**
 * Starts the WebAssembly backend: the fastest build of the kernels that runs here and passes a numeric self-check, on
 * several threads. Works in Node and in browsers; pages that are not cross-origin isolated get one thread.
 *
 * @throws `OptionError` for a thread count out of range.
 * @throws `DeviceError` if WebAssembly SIMD or threads are missing, if more than one thread was asked for and workers
 * cannot be started, or if `turbo: true` cannot work.
 */
export async function createWasmBackend(options: WasmOptions = {}): Promise<Backend & Required<BufferStore>> {
	const { engine, build, note } = await startEngine(options, (candidate, name) =>
		checkNumerically(assembleKernels(candidate), name === "turbo"),
	);
	return {
		...assembleKernels(engine),
		name: "wasm",
		get description() {
			const threads = `${engine.threads} ${engine.threads === 1 ? "thread" : "threads"}`;
			return `WebAssembly, ${build} build, ${threads}${note === null ? "" : ` (${note})`}`;
		},
		dispose: () => engine.dispose(),
	};
}

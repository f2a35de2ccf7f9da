import { DeviceError } from "../../../errors.js";

type BuiltinModules = Pick<typeof process, "getBuiltinModule">["getBuiltinModule"];

/** Node's own modules without a static import, so that browsers and bundlers can load the same files; undefined elsewhere. */
export const builtin: BuiltinModules | undefined =
	typeof process !== "undefined" && process.versions?.node !== undefined ? process.getBuiltinModule : undefined;

/** Threads the machine can run at once. */
export function machineThreads(): number {
	return builtin?.("node:os").availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** False on a page that is not cross-origin isolated: shared memory exists there but cannot be posted to a worker. */
export function canShareMemory(): boolean {
	return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
}

/** Whether this thread may sleep in an atomic wait: a browser's main thread may not. Word 0 of `words` must not be 1. */
export function canSleep(words: Int32Array): boolean {
	try {
		Atomics.wait(words, 0, 1, 0);
		return true;
	} catch {
		return false;
	}
}

/** Turns a V8 flag on for the whole process. False where that is not possible. */
export function setV8Flag(flag: string): boolean {
	if (!builtin || !("v8" in process.versions)) return false;
	builtin("node:v8").setFlagsFromString(flag);
	return true;
}

/** Reads and compiles a .wasm file. */
export async function compileFile(url: URL): Promise<WebAssembly.Module> {
	if (builtin && url.protocol === "file:") {
		// At once: nothing keeps a Node process alive while it waits for an asynchronous compilation.
		return new WebAssembly.Module(builtin("node:fs").readFileSync(url));
	}
	const response = await fetch(url);
	if (!response.ok) throw new DeviceError(`cannot load ${url.href}: HTTP status ${response.status}`);
	try {
		return await WebAssembly.compileStreaming(response.clone());
	} catch {
		// Servers that send the wrong content type, and engines without streaming.
		return WebAssembly.compile(await response.arrayBuffer());
	}
}

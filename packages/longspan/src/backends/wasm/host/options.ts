import { OptionError } from "../../../errors.js";
import type { EngineOptions } from "./module-engine.js";
import { canShareMemory, machineThreads } from "./platform.js";

/** More threads than this are not started unless asked for. */
const defaultThreadLimit = 16;
/** Each thread has a bit of a 32-bit word. */
const threadLimit = 32;

export interface WasmOptions extends EngineOptions {
	/**
	 * Threads that compute, the calling one included; 1 starts no workers. Default: as many as the machine runs at once, at
	 * most 16; 1 on a page that is not cross-origin isolated.
	 */
	readonly threads?: number;
	/**
	 * Twice as wide vectors through an experimental flag of V8, in Node 24 or later, which is set for the whole process:
	 * `true` throws `DeviceError` where that is not possible, `"auto"` uses it where it is. Default false.
	 */
	readonly turbo?: boolean | "auto";
}

/** How many threads to start, and whether it is an error if they cannot be. */
export function threadsOf(options: WasmOptions): { threads: number; required: boolean } {
	const { threads } = options;
	if (threads === undefined) {
		return { threads: canShareMemory() ? Math.min(machineThreads(), defaultThreadLimit) : 1, required: false };
	}
	if (!Number.isInteger(threads) || threads < 1 || threads > threadLimit) {
		throw new OptionError(`threads must be an integer from 1 to ${threadLimit}, not ${threads}`);
	}
	return { threads, required: threads > 1 };
}

import { builtin } from "../../backends/wasm/host/platform.js";
import { DeviceError } from "../../errors.js";

/** What Node has for files. Not imported statically, so that browsers and bundlers can load the same files. */
export function nodeModules() {
	if (!builtin)
		throw new DeviceError("files of a local folder can be read in Node only; pass the files of a checkpoint");
	return {
		fs: builtin("node:fs/promises"),
		path: builtin("node:path"),
		crypto: builtin("node:crypto"),
	};
}

/** Whether this runs in Node. */
export const inNode = builtin !== undefined;

/** The code of an error of the system, such as "ENOENT". */
export function codeOf(error: unknown): string | undefined {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

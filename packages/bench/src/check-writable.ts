import { closeSync, openSync } from "node:fs";
import { UsageError } from "./usage-error.js";

/** Fails before anything is measured rather than after. */
export function checkWritable(option: string, path: string): void {
	try {
		closeSync(openSync(path, "a"));
	} catch (error) {
		throw new UsageError(`${option}: cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

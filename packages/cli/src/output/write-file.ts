import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InputError, isSystemError } from "../errors.js";

/** Throws `InputError` if a file could not be written there. */
export function checkWritable(path: string): void {
	const folder = dirname(resolve(path));
	try {
		if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
			throw new InputError(`cannot write "${path}": it is a folder`);
		accessSync(folder, constants.W_OK);
	} catch (error) {
		if (!isSystemError(error)) throw error;
		const missing = error.code === "ENOENT" || error.code === "ENOTDIR";
		throw new InputError(`cannot write "${path}": ${missing ? `there is no folder "${folder}"` : error.message}`);
	}
}

/** Writes a file as a whole or not at all: under another name first, so that Ctrl-C never leaves half of it. */
export function writeWholeFile(path: string, content: string | Uint8Array): void {
	const draft = `${path}.${process.pid}.draft`;
	try {
		writeFileSync(draft, content);
		renameSync(draft, path);
	} catch (error) {
		rmSync(draft, { force: true });
		if (!isSystemError(error)) throw error;
		throw new InputError(`cannot write "${path}": ${error.message}`);
	}
}

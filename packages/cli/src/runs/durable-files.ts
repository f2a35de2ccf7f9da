import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { InputError, isSystemError } from "../errors.js";

const causes: Readonly<Record<string, string>> = {
	ENOSPC: "the disk is full",
	EDQUOT: "the disk quota is used up",
	EFBIG: "the file would be larger than allowed",
	EROFS: "the disk can only be read",
	EACCES: "permission denied",
	EPERM: "permission denied",
	EIO: "the disk does not work",
};

/** Runs a file operation; `told` makes the message of the `InputError` from the cause of what the system refuses. */
export function writing<T>(operation: () => T, told: (cause: string) => string): T {
	try {
		return operation();
	} catch (error) {
		if (!isSystemError(error)) throw error;
		throw new InputError(told(systemCause(error)));
	}
}

/** Why the system refuses a file operation, in words. */
export function systemCause({ code, message }: NodeJS.ErrnoException): string {
	return causes[code ?? ""] ?? message;
}

/** Writes a file that is on the disk, not only on its way, when this returns. */
export function writeDurably(path: string, content: string | Uint8Array): void {
	const file = openSync(path, "w");
	try {
		writeFileSync(file, content);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

/** Writes a small file unless there is one; whether it did. */
export function writeNewFile(path: string, content: string): boolean {
	try {
		writeFileSync(path, content, { flag: "wx" });
		return true;
	} catch (error) {
		if (isSystemError(error) && error.code === "EEXIST") return false;
		throw error;
	}
}

/** Replaces a file as a whole or not at all. */
export function replaceDurably(path: string, content: string | Uint8Array): void {
	const draft = `${path}.draft`;
	writeDurably(draft, content);
	renameSync(draft, path);
	syncFolder(dirname(path));
}

/** Puts on the disk which names a folder has. Windows does so by itself, and cannot be asked to. */
export function syncFolder(path: string): void {
	if (process.platform === "win32") return;
	const folder = openSync(path, "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

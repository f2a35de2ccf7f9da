import { readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { InputError, isSystemError } from "../errors.js";
import { writeNewFile, writing } from "./durable-files.js";
import { runFiles } from "./folder-names.js";

/** Keeps other processes from writing into the folder of a run, or a file of results. */
export interface RunLock {
	/** Lets others in again. Does nothing the second time. */
	release(): void;
}

interface Owner {
	readonly pid: number;
	readonly host: string;
}

/** Files of the locks that this process holds. */
const held = new Set<string>();

/**
 * Takes the folder of a run, which must be there, for this process. A lock that a killed process of this machine has left is taken over.
 *
 * @throws InputError if another run uses the folder, or it cannot be written
 */
export function lockRun(run: string): RunLock {
	return takeLock(run, "folder", join(run, runFiles.lock));
}

/** The same for a file that a run writes, which need not be there: the lock is beside it. */
export function lockFile(file: string): RunLock {
	return takeLock(file, "file", `${file}.lock`);
}

function takeLock(locked: string, kind: "folder" | "file", at: string): RunLock {
	const path = resolve(at);
	const own: Owner = { pid: process.pid, host: hostname() };
	const take = () =>
		writing(
			() => writeNewFile(path, `${JSON.stringify(own)}\n`),
			(cause) => `cannot write ${kind === "folder" ? `into "${locked}"` : `"${path}"`}: ${cause}`,
		);
	const inUse = (owner: Owner | null) => {
		const by = owner ? ` by process ${owner.pid} on ${owner.host}` : "";
		return new InputError(
			`"${locked}" is in use${by}: wait for that to end, or give another ${kind}; if it has ended, delete "${path}"`,
		);
	};
	if (!take()) {
		const owner = ownerOf(path);
		if (owner !== null && (held.has(path) || !isGone(owner))) throw inUse(owner);
		rmSync(path, { force: true });
		if (!take()) throw inUse(ownerOf(path));
	}
	held.add(path);
	return {
		release() {
			if (held.delete(path)) rmSync(path, { force: true });
		},
	};
}

/** Null for a file that is gone, or that a process could not finish. */
function ownerOf(path: string): Owner | null {
	try {
		const { pid, host } = JSON.parse(readFileSync(path, "utf8")) as Partial<Owner>;
		return Number.isSafeInteger(pid) && typeof host === "string" ? { pid: pid as number, host } : null;
	} catch {
		return null;
	}
}

/** Whether a process of this machine has ended. One with the number of this process, which does not hold the lock, has. */
function isGone({ pid, host }: Owner): boolean {
	if (host !== hostname()) return false;
	if (pid === process.pid) return true;
	try {
		process.kill(pid, 0);
		return false;
	} catch (error) {
		return isSystemError(error) && error.code === "ESRCH";
	}
}

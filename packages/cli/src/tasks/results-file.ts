import {
	closeSync,
	createReadStream,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	openSync,
	readSync,
	writeFileSync,
} from "node:fs";
import { createInterface } from "node:readline";
import { InputError } from "../errors.js";
import { checkWritable } from "../output/write-file.js";
import { writing } from "../runs/durable-files.js";
import { lockFile, type RunLock } from "../runs/lock.js";
import { keyOf, type ResultRecord } from "./record.js";

/** Bytes that are looked at at once for the end of a line. */
const blockBytes = 2 ** 16;
const lineBreak = 10;
/** How the line of a result begins. */
const lineBegin = Buffer.from('{"path":"');

/** A file of results, one JSON line for each document, that several runs add to one after the other. */
export class ResultsFile {
	private constructor(
		private readonly path: string,
		private readonly file: number,
		private readonly lock: RunLock,
		/** Keys of the results that are there. */
		private readonly keys: Set<string>,
	) {}

	/**
	 * Opens a file of results, or makes one, for this process alone. Part of a line at its end, which a killed run has left, is cut off.
	 *
	 * @throws InputError if another run uses it, it cannot be written, or has other lines than results
	 */
	static async open(path: string): Promise<ResultsFile> {
		checkWritable(path);
		const lock = lockFile(path);
		let file: number | undefined;
		try {
			file = writing(() => openSync(path, "a+"), toldOf(path));
			const end = lastLineEnd(file);
			checkLastPart(path, file, end);
			const keys = await readKeys(path, end);
			ftruncateSync(file, end);
			return new ResultsFile(path, file, lock, keys);
		} catch (error) {
			if (file !== undefined) closeSync(file);
			lock.release();
			throw error;
		}
	}

	/** Number of different results. */
	get size(): number {
		return this.keys.size;
	}

	has(key: string): boolean {
		return this.keys.has(key);
	}

	append(record: ResultRecord): void {
		writing(() => writeFileSync(this.file, `${JSON.stringify(record)}\n`), toldOf(this.path));
		this.keys.add(keyOf(record));
	}

	/** Lets other processes write the file. */
	close(): void {
		try {
			writing(() => fsyncSync(this.file), toldOf(this.path));
		} finally {
			closeSync(this.file);
			this.lock.release();
		}
	}
}

function toldOf(path: string): (cause: string) => string {
	return (cause) => `cannot write "${path}": ${cause}`;
}

/** The byte after the last line break of a file. */
function lastLineEnd(file: number): number {
	const block = Buffer.alloc(blockBytes);
	for (let end = fstatSync(file).size; end > 0; ) {
		const begin = Math.max(0, end - blockBytes);
		const length = readSync(file, block, 0, end - begin, begin);
		const at = block.subarray(0, length).lastIndexOf(lineBreak);
		if (at >= 0) return begin + at + 1;
		end = begin;
	}
	return 0;
}

/** Throws `InputError` if what comes after the last line break, which would be cut off, is no part of a result. */
function checkLastPart(path: string, file: number, end: number): void {
	const part = Buffer.alloc(lineBegin.length);
	const length = readSync(file, part, 0, part.length, end);
	if (!part.subarray(0, length).equals(lineBegin.subarray(0, length)))
		throw new InputError(`"${path}" is no file of results: its last line is none; give another file to --out`);
}

async function readKeys(path: string, end: number): Promise<Set<string>> {
	const keys = new Set<string>();
	if (end === 0) return keys;
	let line = 0;
	for await (const text of createInterface({ input: createReadStream(path, { end: end - 1 }), crlfDelay: 1 / 0 })) {
		line++;
		const record = parseRecord(text);
		if (record) keys.add(keyOf(record));
		else if (text.trim() !== "")
			throw new InputError(`"${path}" is no file of results: line ${line} is none; give another file to --out`);
	}
	return keys;
}

function parseRecord(text: string): ResultRecord | undefined {
	try {
		const found = JSON.parse(text) as Partial<ResultRecord> | null;
		const isRecord =
			typeof found?.path === "string" &&
			typeof found.sha256 === "string" &&
			typeof found.options === "object" &&
			found.options !== null;
		return isRecord ? (found as ResultRecord) : undefined;
	} catch {
		return undefined;
	}
}

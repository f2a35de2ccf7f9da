import { createHash } from "node:crypto";
import { InputError } from "../errors.js";
import type { Json } from "./checkpoint.js";

/** What tells a file from any other. */
export interface FileMark {
	readonly bytes: number;
	/** In hexadecimal digits. */
	readonly sha256: string;
}

/** The file of a checkpoint that says what belongs to it. */
export interface Manifest {
	readonly step: number;
	readonly loss: number | null;
	readonly files: Readonly<Record<string, FileMark>>;
	readonly state: Json;
}

const format = "longspan-checkpoint";
const version = 1;

/** The mark of a file with this content. */
export function markOf(content: Uint8Array): FileMark {
	return { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

/** A manifest as the text of its file. Throws for numbers that JSON cannot say: they would come back as null. */
export function manifestText(manifest: Manifest): string {
	const checked = (name: string, value: unknown) => {
		if (typeof value === "number" && !Number.isFinite(value))
			throw new RangeError(`a checkpoint's "${name}" is ${value}; expected a finite number or null`);
		return value;
	};
	return `${JSON.stringify({ format, version, ...manifest }, checked, "\t")}\n`;
}

/** Reads a manifest. Throws `InputError`, naming the file and what is wrong with it. */
export function parseManifest(text: string, path: string): Manifest {
	const fail = (problem: string): never => {
		throw new InputError(`"${path}" is damaged or of no checkpoint: ${problem}`);
	};
	let found: unknown;
	try {
		found = JSON.parse(text);
	} catch {
		return fail("it is no JSON");
	}
	if (!isObject(found)) return fail("it is no JSON object");
	const { step, loss, files, state } = found;
	if (found.format !== format) return fail(`format is ${JSON.stringify(found.format)}; expected "${format}"`);
	if (found.version !== version)
		return fail(`version is ${JSON.stringify(found.version)}; expected ${version}: use the longspan that saved it`);
	if (!Number.isSafeInteger(step) || (step as number) < 0) return fail(`step is ${JSON.stringify(step)}`);
	if (loss !== null && typeof loss !== "number")
		return fail(`loss is ${JSON.stringify(loss)}; expected a number or null`);
	if (!isObject(files) || !Object.entries(files).every(([name, mark]) => isFileName(name) && isMark(mark)))
		return fail("files are not listed with their bytes and sha256");
	if (state === undefined) return fail("state is missing");
	return { step, loss, files, state } as Manifest;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMark(value: unknown): boolean {
	return isObject(value) && Number.isSafeInteger(value.bytes) && typeof value.sha256 === "string";
}

/** A name that leads nowhere else. */
function isFileName(name: string): boolean {
	return /^[\w-][\w.-]*$/.test(name);
}

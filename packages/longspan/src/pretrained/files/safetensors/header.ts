import { OptionError } from "../../../errors.js";
import { sizeOf } from "../../../tensor/shape.js";
import { isRecord, measureJson, parseJson, quoted } from "../json.js";
import { bytesPerElement, isStoredDType, type StoredDType } from "./dtypes.js";

/** A tensor of a file. */
export interface StoredEntry {
	readonly dtype: StoredDType;
	readonly shape: readonly number[];
	/** Where its bytes are, from the start of the file. */
	readonly begin: number;
	readonly end: number;
}

/** What a file says that it holds. */
export interface SafetensorsHeader {
	readonly entries: ReadonlyMap<string, StoredEntry>;
	/** Further texts by name. */
	readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of the length that a file begins with. */
export const lengthBytes = 8;
export const metadataName = "__metadata__";

/** The limit of the format. */
const maxHeaderBytes = 100_000_000;

function fail(subject: string, problem: string): never {
	throw new OptionError(`${subject}: ${problem}`);
}

/**
 * Where the data begin: behind the header.
 *
 * @param start the first 8 bytes, or all there are
 * @param fileBytes size of the file
 * @throws OptionError if the header does not lie in the file
 */
export function dataStartOf(subject: string, start: Uint8Array, fileBytes: number): number {
	if (fileBytes < lengthBytes || start.length < lengthBytes)
		fail(subject, `the file has ${fileBytes} bytes; expected at least ${lengthBytes}`);
	const headerBytes = Number(new DataView(start.buffer, start.byteOffset, lengthBytes).getBigUint64(0, true));
	const limit = Math.min(fileBytes - lengthBytes, maxHeaderBytes);
	if (headerBytes > limit)
		fail(
			subject,
			`the header has ${headerBytes} bytes; expected at most ${limit === maxHeaderBytes ? `${limit}` : `the ${limit} that the file holds`}`,
		);
	return lengthBytes + headerBytes;
}

/**
 * Reads a header. Nothing of it is trusted: the tensors must have the bytes that their shapes need, and fill the rest of the file without
 * gaps or overlaps.
 *
 * @param json the bytes between the length and the data
 * @param fileBytes size of the file
 * @throws OptionError saying what is wrong
 */
export function parseHeader(subject: string, json: Uint8Array, fileBytes: number): SafetensorsHeader {
	let header: unknown;
	try {
		header = parseJson(json);
	} catch (error) {
		fail(subject, `the header ${(error as Error).message}; expected a safetensors file`);
	}
	if (!isRecord(header)) fail(subject, "the header is no JSON object; expected tensors by name");
	if (countKeys(header) !== measureJson(json).keys) fail(subject, "a name stands in the header twice");
	const { [metadataName]: metadata = {}, ...described } = header as Record<string, unknown>;
	const dataStart = lengthBytes + json.length;
	const entries = new Map<string, StoredEntry>();
	for (const [name, description] of Object.entries(described))
		entries.set(name, entryOf(subject, name, description, dataStart));
	checkLayout(subject, entries, dataStart, fileBytes);
	return { entries, metadata: metadataOf(subject, metadata) };
}

/** Keys of all objects. */
function countKeys(value: unknown): number {
	if (typeof value !== "object" || value === null) return 0;
	const parts = Object.values(value);
	return parts.reduce((sum: number, part) => sum + countKeys(part), Array.isArray(value) ? 0 : parts.length);
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function entryOf(subject: string, name: string, description: unknown, dataStart: number): StoredEntry {
	const wrong = (problem: string) => fail(subject, `${quoted(name)} ${problem}`);
	if (!isRecord(description)) return wrong("is not described by an object");
	const { dtype, shape, data_offsets: offsets } = description;
	if (!isStoredDType(dtype))
		return wrong(`has dtype ${quoted(dtype)}; expected one of ${Object.keys(bytesPerElement).join(", ")}`);
	if (!Array.isArray(shape) || !shape.every(isCount))
		return wrong(`has shape ${quoted(shape)}; expected integers of at least 0`);
	if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
		return wrong(`has data_offsets ${quoted(offsets)}; expected two integers of at least 0`);
	const [begin, end] = offsets as [number, number];
	const size = sizeOf(shape) * bytesPerElement[dtype];
	if (end - begin !== size)
		return wrong(`has data_offsets ${begin} to ${end}; expected ${size} bytes for ${dtype} of shape ${quoted(shape)}`);
	return { dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

/** The tensors, in order of their offsets, must follow one another and end with the file. */
function checkLayout(
	subject: string,
	entries: ReadonlyMap<string, StoredEntry>,
	dataStart: number,
	fileBytes: number,
): void {
	const dataBytes = fileBytes - dataStart;
	let expected = 0;
	for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
		const [begin, end] = [entry.begin - dataStart, entry.end - dataStart];
		if (begin !== expected)
			fail(
				subject,
				`${quoted(name)} begins at ${begin}; expected ${expected}: ${begin < expected ? "tensors overlap" : "there is a gap"}`,
			);
		if (end > dataBytes)
			fail(subject, `${quoted(name)} ends at ${end}; expected at most ${dataBytes}, the end of the file`);
		expected = end;
	}
	if (expected !== dataBytes)
		fail(subject, `the tensors end at ${expected}; expected ${dataBytes}, the end of the file`);
}

function metadataOf(subject: string, metadata: unknown): Map<string, string> {
	if (!isRecord(metadata)) return fail(subject, `${metadataName} is no object; expected texts by name`);
	return new Map(
		Object.entries(metadata).map(([name, text]) => [
			name,
			typeof text === "string"
				? text
				: fail(subject, `${metadataName} has ${quoted(text)} for ${quoted(name)}; expected a text`),
		]),
	);
}

import { OptionError } from "../errors.js";
import { describe } from "../ops/operands.js";
import { formatShape, sizeOf } from "../tensor/shape.js";

/** A float32 tensor as it is stored. */
export interface StoredTensor {
	readonly shape: readonly number[];
	/** Row by row. */
	readonly values: Float32Array;
}

/** What a safetensors file holds. */
export interface StoredTensors {
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	/** Further texts by name. */
	readonly metadata: ReadonlyMap<string, string>;
}

interface Entry {
	readonly name: string;
	readonly shape: readonly number[];
	readonly begin: number;
	readonly end: number;
}

const lengthBytes = 8;
const bytesPerValue = Float32Array.BYTES_PER_ELEMENT;
const metadataName = "__metadata__";
const alignment = 8;

/**
 * Writes tensors in the safetensors format: the length of a header (64 bits, little-endian), the header in JSON, the values.
 *
 * @throws OptionError for a tensor whose values do not fill its shape, or one called `__metadata__`
 */
export function encodeSafetensors(
	tensors: ReadonlyMap<string, StoredTensor>,
	metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
	const name = "encodeSafetensors";
	if (!(tensors instanceof Map)) throw new OptionError(`${name}: tensors is ${describe(tensors)}; expected a Map`);
	const entries: [string, unknown][] = metadata.size > 0 ? [[metadataName, Object.fromEntries(metadata)]] : [];
	let offset = 0;
	for (const [tensor, { shape, values }] of tensors) {
		if (tensor === metadataName)
			throw new OptionError(`${name}: a tensor is called ${metadataName}; expected another name`);
		if (!(values instanceof Float32Array))
			throw new OptionError(`${name}: the values of "${tensor}" are ${describe(values)}; expected a Float32Array`);
		if (values.length !== sizeOf(shape))
			throw new OptionError(
				`${name}: "${tensor}" has ${values.length} values; expected ${sizeOf(shape)} for shape ${formatShape(shape)}`,
			);
		const end = offset + values.length * bytesPerValue;
		entries.push([tensor, { dtype: "F32", shape: [...shape], data_offsets: [offset, end] }]);
		offset = end;
	}
	const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
	// Spaces after the header align the values.
	const headerBytes = Math.ceil(json.length / alignment) * alignment;
	const file = new Uint8Array(lengthBytes + headerBytes + offset).fill(0x20, lengthBytes, lengthBytes + headerBytes);
	const view = new DataView(file.buffer);
	view.setBigUint64(0, BigInt(headerBytes), true);
	file.set(json, lengthBytes);
	let at = lengthBytes + headerBytes;
	for (const { values } of tensors.values())
		for (const value of values) {
			view.setFloat32(at, value, true);
			at += bytesPerValue;
		}
	return file;
}

/**
 * Reads a file in the safetensors format, of which the tensors are float32. Nothing of the file is trusted: the header must lie in it,
 * and the tensors must fill the rest without gaps or overlaps.
 *
 * @throws OptionError saying what is wrong with the file
 */
export function decodeSafetensors(file: Uint8Array): StoredTensors {
	if (!(file instanceof Uint8Array)) fail(`file is ${describe(file)}; expected a Uint8Array`);
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	if (file.length < lengthBytes) fail(`the file has ${file.length} bytes; expected at least ${lengthBytes}`);
	const headerBytes = Number(view.getBigUint64(0, true));
	const dataStart = lengthBytes + headerBytes;
	if (dataStart > file.length)
		fail(`the header has ${headerBytes} bytes; expected at most the ${file.length - lengthBytes} that the file holds`);
	const header = parseHeader(file.subarray(lengthBytes, dataStart));
	const { [metadataName]: metadata = {}, ...described } = header;
	const entries = Object.entries(described).map(([name, description]) => entryOf(name, description));
	checkLayout(entries, file.length - dataStart);
	const tensors = new Map<string, StoredTensor>();
	for (const { name, shape, begin, end } of entries) {
		const values = new Float32Array((end - begin) / bytesPerValue);
		for (let index = 0; index < values.length; index++)
			values[index] = view.getFloat32(dataStart + begin + index * bytesPerValue, true);
		tensors.set(name, { shape, values });
	}
	return { tensors, metadata: metadataOf(metadata) };
}

function fail(problem: string): never {
	throw new OptionError(`decodeSafetensors: ${problem}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
	let header: unknown;
	try {
		header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		fail("the header is no JSON in UTF-8; expected a safetensors file");
	}
	return isRecord(header) ? header : fail("the header is no JSON object; expected tensors by name");
}

function entryOf(name: string, description: unknown): Entry {
	if (!isRecord(description)) fail(`"${name}" is not described by an object`);
	const { dtype, shape, data_offsets: offsets } = description as Record<string, unknown>;
	if (dtype !== "F32") fail(`"${name}" has dtype ${JSON.stringify(dtype)}; expected "F32"`);
	if (!Array.isArray(shape) || !shape.every(isCount))
		fail(`"${name}" has shape ${JSON.stringify(shape)}; expected integers of at least 0`);
	if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
		fail(`"${name}" has data_offsets ${JSON.stringify(offsets)}; expected two integers of at least 0`);
	const [begin, end] = offsets as [number, number];
	const size = sizeOf(shape as number[]) * bytesPerValue;
	if (end - begin !== size)
		fail(
			`"${name}" has data_offsets ${begin} to ${end}; expected ${size} bytes for shape ${formatShape(shape as number[])}`,
		);
	return { name, shape: shape as number[], begin, end };
}

/** The tensors, in order of their offsets, must follow one another and end with the file. */
function checkLayout(entries: readonly Entry[], dataBytes: number): void {
	let expected = 0;
	for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
		if (begin !== expected)
			fail(
				`"${name}" begins at ${begin}; expected ${expected}: ${begin < expected ? "tensors overlap" : "there is a gap"}`,
			);
		if (end > dataBytes) fail(`"${name}" ends at ${end}; expected at most ${dataBytes}, the end of the file`);
		expected = end;
	}
	if (expected !== dataBytes) fail(`the tensors end at ${expected}; expected ${dataBytes}, the end of the file`);
}

function metadataOf(metadata: unknown): Map<string, string> {
	if (!isRecord(metadata)) fail(`${metadataName} is no object; expected texts by name`);
	return new Map(
		Object.entries(metadata as Record<string, unknown>).map(([name, text]) => [
			name,
			typeof text === "string"
				? text
				: fail(`${metadataName} has ${JSON.stringify(text)} for "${name}"; expected a text`),
		]),
	);
}

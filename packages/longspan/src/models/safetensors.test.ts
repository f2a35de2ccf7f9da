import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, OptionError, type StoredTensor } from "../index.js";

const stored = (shape: readonly number[], values: readonly number[]): StoredTensor => ({
	shape,
	values: Float32Array.from(values),
});

/** A file with this header, as a string or a value, and so many bytes after it. */
function fileOf(header: unknown, dataBytes: number, headerBytes?: number): Uint8Array {
	const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
	const file = new Uint8Array(8 + json.length + dataBytes);
	new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes ?? json.length), true);
	file.set(json, 8);
	return file;
}

const described = (shape: unknown, begin: unknown, end: unknown, dtype: unknown = "F32") => ({
	dtype,
	shape,
	data_offsets: [begin, end],
});

describe("encodeSafetensors", () => {
	it("writes the layout of the format", () => {
		const file = encodeSafetensors(new Map([["a", stored([2, 1], [1, -2])]]), new Map([["made by", "a test"]]));
		const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
		expect(headerBytes % 8).toBe(0);
		expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)))).toEqual({
			__metadata__: { "made by": "a test" },
			a: { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] },
		});
		expect([...file.subarray(8 + headerBytes)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
	});

	it("is undone by decoding, wherever in a buffer the file lies", () => {
		const tensors = fc.dictionary(
			fc.string({ unit: "grapheme", maxLength: 12 }).filter((name) => name !== "__metadata__"),
			fc.array(fc.float({ noNaN: true }), { maxLength: 20 }),
		);
		fc.assert(
			fc.property(tensors, fc.nat(7), (named, shift) => {
				const given = new Map(Object.entries(named).map(([name, values]) => [name, stored([values.length], values)]));
				const file = encodeSafetensors(given, new Map([["x", "y"]]));
				const moved = new Uint8Array(shift + file.length).subarray(shift);
				moved.set(file);
				const found = decodeSafetensors(moved);
				expect(found.tensors).toEqual(given);
				expect(found.metadata).toEqual(new Map([["x", "y"]]));
			}),
		);
	});

	it("keeps scalars, empty tensors and NaN", () => {
		const given = new Map([
			["scalar", stored([], [Number.NaN])],
			["empty", stored([3, 0], [])],
		]);
		expect(decodeSafetensors(encodeSafetensors(given)).tensors).toEqual(given);
		expect(decodeSafetensors(encodeSafetensors(new Map()))).toEqual({ tensors: new Map(), metadata: new Map() });
	});

	it.each([
		[new Map([["a", stored([3], [1, 2])]]), /"a" has 2 values; expected 3 for shape \[3\]/],
		[new Map([["__metadata__", stored([1], [1])]]), /is called __metadata__/],
	])("refuses what cannot be read back: %j", (tensors, message) => {
		expect(() => encodeSafetensors(tensors)).toThrow(OptionError);
		expect(() => encodeSafetensors(tensors)).toThrow(message);
	});
});

describe("decodeSafetensors", () => {
	it.each<[what: string, file: Uint8Array, message: RegExp]>([
		["an empty file", new Uint8Array(0), /the file has 0 bytes; expected at least 8/],
		["a cut-off header", fileOf({}, 0, 900), /the header has 900 bytes; expected at most the 2 that the file holds/],
		["an absurd header", new Uint8Array(16).fill(255), /the header has \d+ bytes; expected at most the 8/],
		["a header that is no JSON", fileOf("{oh", 0), /the header is no JSON/],
		["a header that is no UTF-8", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), /the header is no JSON in UTF-8/],
		["a header that is no object", fileOf([], 0), /no JSON object/],
		["a tensor that is no object", fileOf({ a: 3 }, 0), /"a" is not described by an object/],
		["another type", fileOf({ a: described([1], 0, 2, "F16") }, 2), /"a" has dtype "F16"; expected "F32"/],
		["no type", fileOf({ a: { shape: [], data_offsets: [0, 4] } }, 4), /"a" has dtype undefined/],
		["a negative size", fileOf({ a: described([-1], 0, 4) }, 4), /"a" has shape \[-1\]/],
		["a fraction", fileOf({ a: described([0.5], 0, 2) }, 2), /"a" has shape \[0.5\]/],
		["no shape", fileOf({ a: described("1", 0, 4) }, 4), /"a" has shape "1"/],
		["offsets that are none", fileOf({ a: described([1], 0, "4") }, 4), /"a" has data_offsets \[0,"4"\]/],
		["offsets backwards", fileOf({ a: described([1], 4, 0) }, 4), /"a" has data_offsets 4 to 0; expected 4 bytes/],
		["a shape larger than its bytes", fileOf({ a: described([2], 0, 4) }, 4), /expected 8 bytes for shape \[2\]/],
		[
			"a shape beyond all numbers",
			fileOf({ a: described([2 ** 52, 2 ** 52], 0, 4) }, 4),
			/"a" has data_offsets 0 to 4/,
		],
		["a tensor beyond the end", fileOf({ a: described([2], 0, 8) }, 4), /"a" ends at 8; expected at most 4/],
		[
			"tensors that overlap",
			fileOf({ a: described([2], 0, 8), b: described([1], 4, 8) }, 8),
			/"b" begins at 4; expected 8: tensors overlap/,
		],
		["a gap", fileOf({ a: described([1], 4, 8) }, 8), /"a" begins at 4; expected 0: there is a gap/],
		["bytes at the end", fileOf({ a: described([1], 0, 4) }, 9), /the tensors end at 4; expected 9/],
		["metadata that is no text", fileOf({ __metadata__: { a: 1 } }, 0), /__metadata__ has 1 for "a"/],
		["metadata that is no object", fileOf({ __metadata__: null }, 0), /__metadata__ is no object/],
	])("refuses %s", (_, file, message) => {
		expect(() => decodeSafetensors(file)).toThrow(OptionError);
		expect(() => decodeSafetensors(file)).toThrow(message);
	});

	it("takes a tensor called as properties of objects are", () => {
		const file = fileOf('{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4);
		expect([...decodeSafetensors(file).tensors.keys()]).toEqual(["__proto__"]);
	});
});

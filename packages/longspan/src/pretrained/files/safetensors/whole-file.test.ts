import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../../errors.js";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./whole-file.js";

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
		["integers", fileOf({ a: described([1], 0, 8, "I64") }, 8), /"a" has dtype "I64"; expected F32, F64, BF16, F16/],
		["an unknown type", fileOf({ a: described([1], 0, 2, "F12") }, 2), /"a" has dtype "F12"; expected one of BOOL/],
		["no type", fileOf({ a: { shape: [], data_offsets: [0, 4] } }, 4), /"a" has dtype undefined/],
		["a negative size", fileOf({ a: described([-1], 0, 4) }, 4), /"a" has shape \[-1\]/],
		["a fraction", fileOf({ a: described([0.5], 0, 2) }, 2), /"a" has shape \[0.5\]/],
		["no shape", fileOf({ a: described("1", 0, 4) }, 4), /"a" has shape "1"/],
		["offsets that are none", fileOf({ a: described([1], 0, "4") }, 4), /"a" has data_offsets \[0,"4"\]/],
		["offsets backwards", fileOf({ a: described([1], 4, 0) }, 4), /"a" has data_offsets 4 to 0; expected 4 bytes/],
		[
			"a shape larger than its bytes",
			fileOf({ a: described([2], 0, 4) }, 4),
			/expected 8 bytes for F32 of shape \[2\]/,
		],
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
		[
			"tensors at the same place",
			fileOf({ a: described([1], 0, 4), b: described([1], 0, 4) }, 4),
			/"b" begins at 0; expected 4: tensors overlap/,
		],
		["offsets below 0", fileOf({ a: described([1], -4, 0) }, 4), /"a" has data_offsets \[-4,0\]/],
		["offsets beyond exact numbers", fileOf({ a: described([1], 2 ** 60, 2 ** 60 + 4) }, 4), /"a" has data_offsets/],
		[
			"a name twice",
			fileOf(
				'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
				4,
			),
			/a name stands in the header twice/,
		],
		["a header nested without end", fileOf("[".repeat(1e6), 0), /the header is nested deeper than 200 levels/],
		["a gap", fileOf({ a: described([1], 4, 8) }, 8), /"a" begins at 4; expected 0: there is a gap/],
		["bytes at the end", fileOf({ a: described([1], 0, 4) }, 9), /the tensors end at 4; expected 9/],
		["metadata that is no text", fileOf({ __metadata__: { a: 1 } }, 0), /__metadata__ has 1 for "a"/],
		["metadata that is no object", fileOf({ __metadata__: null }, 0), /__metadata__ is no object/],
	])("refuses %s", (_, file, message) => {
		expect(() => decodeSafetensors(file)).toThrow(OptionError);
		expect(() => decodeSafetensors(file)).toThrow(message);
	});

	it("shortens what a damaged file calls its tensors", () => {
		const file = fileOf({ [`a\n${"x".repeat(1e6)}`]: 3 }, 0);
		expect(() => decodeSafetensors(file)).toThrow(/^decodeSafetensors: "a\\nx{90,}… \(1000005 characters\) is not/);
	});

	it("converts float16, bfloat16 and float64, wherever in a buffer they lie", () => {
		const header = {
			half: described([6], 0, 12, "F16"),
			brain: described([2], 12, 16, "BF16"),
			double: described([1], 16, 24, "F64"),
		};
		const [half, brain] = [
			[0x3c00, 0xc100, 0x0001, 0x03ff, 0x7bff, 0xfc00],
			[0x3f80, 0xc049],
		];
		const data = new Uint8Array(24);
		data.set(new Uint8Array(Uint16Array.from([...half, ...brain]).buffer));
		data.set(new Uint8Array(Float64Array.of(1 / 3).buffer), 16);
		const file = fileOf(header, 24);
		file.set(data, file.length - 24);
		const shifted = new Uint8Array(file.length + 1).subarray(1);
		shifted.set(file);
		for (const each of [file, shifted]) {
			const { tensors } = decodeSafetensors(each);
			const expected = [1, -2.5, 2 ** -24, 1023 * 2 ** -24, 65504, Number.NEGATIVE_INFINITY];
			expect([...(tensors.get("half")?.values ?? [])]).toEqual(expected);
			expect([...(tensors.get("brain")?.values ?? [])]).toEqual([1, -3.140625]);
			expect([...(tensors.get("double")?.values ?? [])]).toEqual([Math.fround(1 / 3)]);
		}
	});

	it("gives values that do not change with the file", () => {
		const file = encodeSafetensors(new Map([["a", stored([1], [7])]]));
		for (const each of [file, Buffer.from(file.buffer)]) {
			const { tensors } = decodeSafetensors(each);
			each.fill(0, each.length - 4);
			expect([...(tensors.get("a")?.values ?? [])]).toEqual([7]);
			each.set(new Uint8Array(Float32Array.of(7).buffer), each.length - 4);
		}
	});

	it("takes a tensor called as properties of objects are", () => {
		const file = fileOf('{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4);
		expect([...decodeSafetensors(file).tensors.keys()]).toEqual(["__proto__"]);
	});
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LongspanError, OptionError } from "../../errors.js";
import { type MemoryFiles, memoryFiles } from "../../testing/memory-files.js";
import type { WeightSource } from "../parameters/weight-source.js";
import { openWeights } from "./open-weights.js";
import { encodeHeader } from "./safetensors/encode-header.js";
import { encodeSafetensors } from "./safetensors/whole-file.js";

const tensors = {
	a: { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
	b: { shape: [], values: Float32Array.of(7) },
	c: { shape: [4], values: Float32Array.of(8, 9, 10, 11) },
};

const fileOf = (...names: (keyof typeof tensors)[]) =>
	encodeSafetensors(new Map(names.map((name) => [name, tensors[name]])));

const index = "model.safetensors.index.json";
const shards = (map: unknown): Record<string, Uint8Array | string> => ({
	[index]: JSON.stringify({ metadata: {}, weight_map: map }),
	"model-1.safetensors": fileOf("a", "b"),
	"model-2.safetensors": fileOf("c"),
});
const goodMap = { a: "model-1.safetensors", b: "model-1.safetensors", c: "model-2.safetensors" };

async function readAll(source: WeightSource): Promise<Record<string, number[]>> {
	const all: Record<string, number[]> = {};
	for (const name of source.names) {
		const size = (source.shapeOf(name) as number[]).reduce((product, axis) => product * axis, 1);
		all[name] = [...(await source.read(name, 0, size))];
	}
	return all;
}

const expected = { a: [1, 2, 3, 4, 5, 6], b: [7], c: [8, 9, 10, 11] };

describe("openWeights", () => {
	it.each([
		["one file", { "model.safetensors": fileOf("a", "b", "c") }],
		["shards", shards(goodMap)],
	])("reads %s", async (_, contents) => {
		const source = await openWeights(memoryFiles(contents));
		expect(await readAll(source)).toEqual(expected);
		expect(source.shapeOf("a")).toEqual([2, 3]);
		expect(source.shapeOf("x")).toBeUndefined();
		expect([...(await source.read("a", 2, 5))]).toEqual([3, 4, 5]);
		expect([...(await source.read("a", 6, 6))]).toEqual([]);
		await expect(source.read("a", 2, 7)).rejects.toThrow(/"a" has 6 elements; expected a range in it, not 2 to 7/);
		await expect(source.read("x", 0, 1)).rejects.toThrow(/memory: there is no weight "x"/);
	});

	it("reads of a file its header, and then what is asked for", async () => {
		const files = memoryFiles({ "model.safetensors": fileOf("a", "b", "c") });
		const size = files.contents.get("model.safetensors")?.length as number;
		const reads: [number, number][] = [];
		const read: MemoryFiles["read"] = (path, begin, end) => {
			reads.push([begin, end]);
			return files.read(path, begin, end);
		};
		const source = await openWeights({ ...files, read });
		expect(reads).toEqual([
			[0, 8],
			[8, size - 44],
		]);
		await source.read("c", 1, 3);
		expect(reads.at(-1)).toEqual([size - 12, size - 4]);
	});

	it("lists integers, which real files have beside weights, but does not read them", async () => {
		const { header } = encodeHeader([{ name: "position_ids", shape: [2] }], "I64", new Map());
		const file = new Uint8Array(header.length + 16);
		file.set(header);
		const source = await openWeights(memoryFiles({ "model.safetensors": file }));
		expect(source.shapeOf("position_ids")).toEqual([2]);
		await expect(source.read("position_ids", 0, 2)).rejects.toThrow(
			/^memory\/model.safetensors: "position_ids" has dtype "I64"; expected F32, F64, BF16, F16/,
		);
	});

	it.each<[what: string, contents: Record<string, Uint8Array | string>, message: RegExp]>([
		["no weights", {}, /^memory: there is neither model.safetensors nor model.safetensors.index.json$/],
		[
			"weights of PyTorch",
			{ "pytorch_model.bin": "x" },
			/weights are in pytorch_model.bin; .* save_pretrained\(folder/,
		],
		[
			"a missing shard",
			shards({ ...goodMap, d: "model-3.safetensors" }),
			/^memory: there is no model-3.safetensors, which/,
		],
		[
			"a weight that its shard lacks",
			shards({ ...goodMap, d: "model-2.safetensors" }),
			/model-2.safetensors: "d" is missing/,
		],
		[
			"a weight in another shard",
			shards({ ...goodMap, b: "model-2.safetensors" }),
			/model-1.safetensors: "b" is not there/,
		],
		["an index without a map", { [index]: "{}" }, /index.json: weight_map is undefined/],
		["an index that is a list", { [index]: "[]" }, /index.json: weight_map is undefined/],
		["a file that is no text", { [index]: '{"weight_map":{"a":3}}' }, /"a" is in 3; expected the name/],
		...["../x", "/x", "a/../x", "a/x", "..\\x", "C:x", "a\0"].map((path): [string, Record<string, string>, RegExp] => [
			`a shard at ${JSON.stringify(path)}`,
			{ [index]: JSON.stringify({ weight_map: { a: `${path}.safetensors` } }) },
			/index.json: "a" is in ".*"; expected the name of a .safetensors file in the same folder/,
		]),
		["another kind of file", { [index]: '{"weight_map":{"a":"config.json"}}' }, /"a" is in "config.json"; expected/],
	])("refuses %s", async (_, contents, message) => {
		await expect(openWeights(memoryFiles(contents))).rejects.toThrow(OptionError);
		await expect(openWeights(memoryFiles(contents))).rejects.toThrow(message);
	});

	it("refuses a huge index before it reads it", async () => {
		const files = { ...memoryFiles(), size: async (path: string) => (path === index ? 1e9 : undefined) };
		await expect(openWeights(files)).rejects.toThrow(/index.json: it has 1000000000 bytes; expected at most 100000000/);
	});

	it("refuses a huge header before it reads it", async () => {
		const file = memoryFiles({ "model.safetensors": new Uint8Array(8) });
		new DataView((file.contents.get("model.safetensors") as Uint8Array).buffer).setBigUint64(0, 2n * 10n ** 9n, true);
		const files = { ...file, size: async () => 1e12 };
		await expect(openWeights(files)).rejects.toThrow(/the header has 2000000000 bytes; expected at most 100000000/);
	});

	it("says that a file changed", async () => {
		const files = memoryFiles({ "model.safetensors": fileOf("c") });
		const source = await openWeights(files);
		files.read = async () => new Uint8Array(7);
		await expect(source.read("c", 0, 4)).rejects.toThrow(OptionError);
		await expect(source.read("c", 0, 4)).rejects.toThrow(
			/^memory\/model.safetensors: 7 bytes came from \d+ on; expected 16: the file changed/,
		);
	});
});

describe("damaged files", () => {
	/** One change of a file: bytes replaced, put in or cut out. */
	const change = fc.record({
		at: fc.double({ min: 0, max: 1, noNaN: true }),
		cut: fc.nat(6),
		bytes: fc.oneof(
			fc.uint8Array({ maxLength: 6 }),
			fc
				.constantFrom(
					"0",
					"9",
					"-1",
					"1e9",
					".5",
					"9007199254740993",
					'"',
					"{",
					"}",
					"[",
					"]",
					",",
					":",
					"null",
					'"a"',
					"BF16",
					"../x",
				)
				.map((text) => new TextEncoder().encode(text)),
		),
	});
	const changed = (file: Uint8Array, changes: readonly { at: number; cut: number; bytes: Uint8Array }[]) =>
		changes.reduce((bytes, { at, cut, bytes: put }) => {
			const from = Math.floor(at * bytes.length);
			return new Uint8Array(Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + cut)]));
		}, file);

	it.each([
		["a file", "model.safetensors", { "model.safetensors": fileOf("a", "b", "c") }],
		["an index", index, shards(goodMap)],
		["a shard", "model-2.safetensors", shards(goodMap)],
	])("are read or refused with their name: %s", async (_, path, contents) => {
		const changes = fc.array(change, { minLength: 1, maxLength: 3 });
		let refused = 0;
		await fc.assert(
			fc.asyncProperty(changes, async (made) => {
				const files = memoryFiles(contents);
				files.contents.set(path, changed(files.contents.get(path) as Uint8Array, made));
				try {
					await readAll(await openWeights(files));
				} catch (error) {
					refused++;
					expect(error).toBeInstanceOf(LongspanError);
					expect((error as Error).message).toMatch(/^memory.*model.*(safetensors|index\.json)/);
					expect((error as Error).message.length).toBeLessThan(1000);
				}
			}),
			{ numRuns: 1000 },
		);
		expect(refused).toBeGreaterThan(300);
	});

	it("are refused wherever they are cut off", async () => {
		const file = fileOf("a", "b", "c");
		for (let length = 0; length < file.length; length++)
			await expect(openWeights(memoryFiles({ "model.safetensors": file.subarray(0, length) }))).rejects.toThrow(
				OptionError,
			);
	});
});

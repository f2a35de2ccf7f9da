import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OptionError } from "../../../errors.js";
import { memoryFiles } from "../../../testing/memory-files.js";
import type { WeightSource } from "../../parameters/weight-source.js";
import { openWeights } from "../open-weights.js";
import { fromFloat32 } from "../safetensors/from-float32.js";
import { toFloat32 } from "../safetensors/to-float32.js";
import { decodeSafetensors } from "../safetensors/whole-file.js";
import { saveFolder } from "./save-folder.node.js";
import { type SaveWeightsOptions, saveWeights } from "./save-weights.js";

/** Weights of these sizes, of which element i of weight w is w + i / 8. */
function sourceOf(sizes: readonly number[]): WeightSource {
	const names = sizes.map((_, weight) => `w${weight}`);
	return {
		location: "a test",
		names,
		shapeOf: (name) => (names.includes(name) ? [sizes[names.indexOf(name)] as number] : undefined),
		read: async (name, begin, end) =>
			Float32Array.from({ length: end - begin }, (_, at) => names.indexOf(name) + (begin + at) / 8),
	};
}

describe("saveWeights", () => {
	it("writes one file, as transformers asks for it", async () => {
		const files = memoryFiles();
		const shares: number[] = [];
		await saveWeights(files, sourceOf([3, 0, 2 ** 20 + 5]), { onProgress: (share) => shares.push(share) });
		expect([...files.contents.keys()]).toEqual(["model.safetensors"]);
		const { tensors, metadata } = decodeSafetensors(files.contents.get("model.safetensors") as Uint8Array);
		expect(metadata).toEqual(new Map([["format", "pt"]]));
		expect([...tensors.keys()]).toEqual(["w0", "w1", "w2"]);
		expect([...(tensors.get("w0")?.values ?? [])]).toEqual([0, 0.125, 0.25]);
		const last = tensors.get("w2")?.values as Float32Array;
		expect(last).toHaveLength(2 ** 20 + 5);
		expect(last.findIndex((value, at) => value !== 2 + at / 8)).toBe(-1);
		expect(shares.at(-1)).toBe(1);
	});

	it("writes shards with their index, which are read back", async () => {
		const files = memoryFiles();
		await saveWeights(files, sourceOf([3, 2, 9, 1, 1]), { maxShardBytes: 20 });
		expect([...files.contents.keys()]).toEqual([
			"model-00001-of-00003.safetensors",
			"model-00002-of-00003.safetensors",
			"model-00003-of-00003.safetensors",
			"model.safetensors.index.json",
		]);
		const index = JSON.parse(new TextDecoder().decode(files.contents.get("model.safetensors.index.json")));
		expect(index).toEqual({
			metadata: { total_size: 64 },
			weight_map: {
				w0: "model-00001-of-00003.safetensors",
				w1: "model-00001-of-00003.safetensors",
				w2: "model-00002-of-00003.safetensors",
				w3: "model-00003-of-00003.safetensors",
				w4: "model-00003-of-00003.safetensors",
			},
		});
		const source = await openWeights(files);
		expect([...(await source.read("w2", 0, 9))]).toEqual([2, 2.125, 2.25, 2.375, 2.5, 2.625, 2.75, 2.875, 3]);
		expect([...(await source.read("w4", 0, 1))]).toEqual([4]);
	});

	it.each(["float16", "bfloat16"] as const)("writes %s in half the bytes", async (dtype) => {
		const files = memoryFiles();
		await saveWeights(files, sourceOf([4, 4]), { dtype, maxShardBytes: 16 });
		const source = await openWeights(files);
		expect([...files.contents.keys()]).toEqual(["model.safetensors"]);
		expect([...(await source.read("w1", 0, 4))]).toEqual([1, 1.125, 1.25, 1.375]);
	});

	it.each<[options: SaveWeightsOptions, message: RegExp]>([
		[{ dtype: "int8" as never }, /dtype is "int8"; expected "float32", "float16" or "bfloat16"/],
		[{ maxShardBytes: 0 }, /maxShardBytes is 0; expected a finite number of at least 1/],
		[{ shards: 3 } as never, /shards is no option/],
	])("refuses %j", async (options, message) => {
		await expect(saveWeights(memoryFiles(), sourceOf([1]), options)).rejects.toThrow(OptionError);
		await expect(saveWeights(memoryFiles(), sourceOf([1]), options)).rejects.toThrow(message);
	});
});

describe("rounding to 16 bits", () => {
	const stored = { float16: "F16", bfloat16: "BF16" } as const;
	const decoded = (dtype: keyof typeof stored, values: Float32Array) =>
		toFloat32(stored[dtype], fromFloat32(dtype, values), "test");
	const all = (dtype: keyof typeof stored) =>
		toFloat32(stored[dtype], new Uint8Array(Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits).buffer), "test");

	it.each(["float16", "bfloat16"] as const)("keeps every %s", (dtype) => {
		const values = all(dtype);
		const again = decoded(dtype, values);
		expect(values.findIndex((value, at) => !Object.is(value, again[at] as number))).toBe(-1);
	});

	it.each(["float16", "bfloat16"] as const)("takes the nearest %s, of two the even one", (dtype) => {
		const positive = all(dtype).subarray(0, dtype === "float16" ? 0x7c00 : 0x7f80);
		fc.assert(
			fc.property(fc.nat(positive.length - 2), fc.constantFrom(1, -1), (at, sign) => {
				const [low, high] = [positive[at] as number, positive[at + 1] as number];
				const half = (low + high) / 2;
				const even = at % 2 === 0 ? low : high;
				const step = (high - low) / 64;
				const given = Float32Array.of(half - step, half, half + step).map((value) => sign * value);
				expect([...decoded(dtype, given)]).toEqual([low, even, high].map((value) => sign * value));
			}),
			{ numRuns: 5000 },
		);
	});

	it("overflows to infinity", () => {
		const given = Float32Array.of(65519, 65520, -1e38, Number.NaN, 2 ** -25, 1.0001 * 2 ** -25, 2 ** -149);
		const infinity = Number.POSITIVE_INFINITY;
		expect([...decoded("float16", given)]).toEqual([65504, infinity, -infinity, Number.NaN, 0, 2 ** -24, 0]);
		const bits = new Float32Array(Uint32Array.of(0x7f7fffff, 0x7f800001).buffer);
		expect([...decoded("bfloat16", bits)]).toEqual([infinity, Number.NaN]);
	});
});

describe("saveFolder", () => {
	let folder: string;
	const path = (...parts: string[]) => join(folder, ...parts);
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "longspan-save-"));
	});
	afterEach(() => rmSync(folder, { recursive: true }));
	const text = (content: string) => [new TextEncoder().encode(content)];

	it("makes a folder at once", async () => {
		await saveFolder(path("new", "model"), async (sink) => {
			await sink.write("config.json", text("{}"));
			await sink.write("sub/more.json", text("[]"));
			expect(existsSync(path("new", "model"))).toBe(false);
		});
		expect(readdirSync(path("new"))).toEqual(["model"]);
		expect(readFileSync(path("new", "model", "config.json"), "utf8")).toBe("{}");
		expect(readFileSync(path("new", "model", "sub", "more.json"), "utf8")).toBe("[]");
	});

	it("replaces files in one that is there, and weights that would be read instead of new ones", async () => {
		mkdirSync(path("model"));
		for (const name of ["config.json", "README.md", "model.safetensors", "model-00001-of-00009.safetensors"])
			writeFileSync(path("model", name), "old");
		await saveFolder(path("model"), async (sink) => {
			await saveWeights(sink, sourceOf([1, 1]), { maxShardBytes: 4 });
			await sink.write("config.json", text("new"));
			expect(readFileSync(path("model", "config.json"), "utf8")).toBe("old");
		});
		expect(readdirSync(path("model")).sort()).toEqual([
			"README.md",
			"config.json",
			"model-00001-of-00002.safetensors",
			"model-00002-of-00002.safetensors",
			"model.safetensors.index.json",
		]);
		expect(readFileSync(path("model", "config.json"), "utf8")).toBe("new");
	});

	it.each(["new", "old"])("leaves nothing of what failed: %s folder", async (name) => {
		mkdirSync(path("old"));
		writeFileSync(path("old", "config.json"), "old");
		async function* failing() {
			yield new Uint8Array(3);
			throw new Error("no more");
		}
		const saving = saveFolder(path(name), async (sink) => {
			await sink.write("config.json", text("new"));
			await sink.write("model.safetensors", failing());
		});
		await expect(saving).rejects.toThrow("no more");
		expect(readdirSync(folder)).toEqual(["old"]);
		expect(readdirSync(path("old"))).toEqual(["config.json"]);
		expect(readFileSync(path("old", "config.json"), "utf8")).toBe("old");
	});

	it("refuses paths out of it, and a file in its place", async () => {
		const saving = saveFolder(path("model"), (sink) => sink.write("../x", text("x")));
		await expect(saving).rejects.toThrow(/"..\/x" is no path inside it/);
		writeFileSync(path("file"), "");
		await expect(saveFolder(path("file"), async () => {})).rejects.toThrow(/file: it is a file; expected a folder/);
		await expect(saveFolder(path("file", "model"), async () => {})).rejects.toThrow(/model: .*file/);
		expect(readdirSync(folder)).toEqual(["file"]);
	});
});

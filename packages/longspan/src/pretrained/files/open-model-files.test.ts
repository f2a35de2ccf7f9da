import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionError } from "../../errors.js";
import { openModelFiles } from "./open-model-files.js";
import { readJson } from "./read-json.js";

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-files-"));
	mkdirSync(join(folder, "sub"));
	writeFileSync(join(folder, "secret.json"), "{}");
	writeFileSync(join(folder, "sub", "config.json"), '\uFEFF{"a":[1,"é"]}');
	writeFileSync(join(folder, "sub", "broken.json"), '{"a":');
	writeFileSync(join(folder, "sub", "latin.json"), Buffer.from([0x22, 0xe9, 0x22]));
	writeFileSync(join(folder, "sub", "deep.json"), "[".repeat(100_000));
	writeFileSync(join(folder, "sub", "large.json"), " ".repeat(1_000_001));
	writeFileSync(join(folder, "sub", "tokenizer.json"), `${" ".repeat(1_000_001)}3`);
	symlinkSync("../secret.json", join(folder, "sub", "link.json"));
});

afterAll(() => rmSync(folder, { recursive: true }));

const open = () => openModelFiles(join(folder, "sub"));

describe("a local folder", () => {
	it("gives sizes and ranges, through links too, as a cache has them", async () => {
		const files = await open();
		expect(files.location).toBe(join(folder, "sub"));
		expect(await files.size("broken.json")).toBe(5);
		expect(await files.size("link.json")).toBe(2);
		expect(await files.size("none.json")).toBeUndefined();
		expect(await files.size("broken.json/none.json")).toBeUndefined();
		const bytes = await files.read("broken.json", 1, 4);
		expect(new TextDecoder().decode(bytes)).toBe('"a"');
		expect(bytes.byteOffset % 8).toBe(0);
		expect(await files.read("broken.json", 2, 2)).toHaveLength(0);
		await expect(files.read("broken.json", 0, 6)).rejects.toThrow(/broken.json: it ends at 5; expected 6 bytes/);
		await expect(files.read("none.json", 0, 6)).rejects.toThrow(/none.json: there is no such file/);
		await expect((await openModelFiles(folder)).size("sub")).rejects.toThrow(/sub: it is no file/);
	});

	it.each(["../secret.json", "a/../../secret.json", "/etc/passwd", "..\\secret.json", "C:secret", "", "./a", "a\0b"])(
		"is not left by the path %j",
		async (path) => {
			const files = await open();
			await expect(files.size(path)).rejects.toThrow(OptionError);
			await expect(files.read(path, 0, 1)).rejects.toThrow(/is no path inside it/);
		},
	);
});

describe("openModelFiles", () => {
	it("returns files of one's own", async () => {
		const own = { location: "here", size: async () => undefined, read: async () => new Uint8Array() };
		expect(await openModelFiles(own)).toBe(own);
	});

	it.each<[given: unknown, message: RegExp]>([
		["./missing", /there is no folder ".\/missing", and it is no id of a repository/],
		["/missing/folder", /there is no folder "\/missing\/folder"/],
		["a/b/c", /there is no folder "a\/b\/c"/],
		["a--b", /there is no folder "a--b"/],
		["models\\mine", /there is no folder/],
		["", /the checkpoint is ""; expected the id of a repository/],
		[null, /the checkpoint is null/],
		[{ size: 3 }, /the checkpoint is an object; expected .* with location, size and read/],
	])("refuses %j", async (given, message) => {
		await expect(openModelFiles(given as string)).rejects.toThrow(OptionError);
		await expect(openModelFiles(given as string)).rejects.toThrow(message);
	});

	it("refuses a file, and says what is expected", async () => {
		await expect(openModelFiles(join(folder, "secret.json"))).rejects.toThrow(/expected the folder that it is in/);
	});
});

describe("readJson", () => {
	it("parses UTF-8", async () => {
		const files = await open();
		expect(await readJson(files, "config.json")).toEqual({ a: [1, "é"] });
		expect(await readJson(files, "tokenizer.json")).toBe(3);
		expect(await readJson(files, "none.json", { optional: true })).toBeUndefined();
	});

	it.each([
		["none.json", /sub: there is no none.json; expected a checkpoint/],
		["broken.json", /sub\/broken.json: it is no JSON; save or download the file again/],
		["latin.json", /sub\/latin.json: it is no JSON in UTF-8/],
		["deep.json", /sub\/deep.json: it is nested deeper than 200 levels/],
		["large.json", /sub\/large.json: it has 1000001 bytes; expected at most 1000000/],
	])("refuses %s", async (path, message) => {
		const files = await open();
		await expect(readJson(files, path)).rejects.toThrow(OptionError);
		await expect(readJson(files, path)).rejects.toThrow(message);
	});

	it("takes another limit", async () => {
		await expect(readJson(await open(), "config.json", { maxBytes: 5 })).rejects.toThrow(/expected at most 5/);
	});
});

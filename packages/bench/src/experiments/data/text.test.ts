import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../usage-error.js";
import { readText, stretchesOf } from "./text.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-text-"));
	for (const [path, text] of [
		["b.md", "B"],
		["a.ts", "A"],
		["sub/c.txt", "C"],
		["sub/d.json", "D"],
		["node_modules/e.md", "E"],
		[".hidden/f.md", "F"],
	] as const) {
		mkdirSync(join(folder, path, ".."), { recursive: true });
		writeFileSync(join(folder, path), text);
	}
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("readText", () => {
	it("reads a file, or the texts of a folder in order", () => {
		expect(readText(join(folder, "b.md")).toString()).toBe("B");
		expect(readText(folder).toString()).toBe("ABC");
	});

	it("reads the project by default", () => {
		expect(readText().includes("# longspan")).toBe(true);
	});

	it("refuses a path that is not there", () => {
		expect(() => readText(join(folder, "none"))).toThrow(UsageError);
	});
});

describe("stretchesOf", () => {
	it("holds out every tenth", () => {
		const text = Uint8Array.from({ length: 65 }, (_, at) => at);
		const { training, heldOut } = stretchesOf(text, 2);
		expect(training).toHaveLength(19);
		expect(training[1]).toEqual(Int32Array.of(3, 4, 5));
		expect(heldOut).toEqual([Int32Array.of(27, 28, 29), Int32Array.of(57, 58, 59)]);
	});

	it("refuses a text with too few", () => {
		expect(() => stretchesOf(new Uint8Array(29), 2)).toThrow("--data has 29 bytes; expected at least 30");
	});
});

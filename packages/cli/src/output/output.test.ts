import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { formatBytes, formatError, formatExponent, formatFlops, formatList, formatMs, formatRatio } from "./format.js";
import { textTable } from "./text-table.js";
import { checkWritable, writeWholeFile } from "./write-file.js";

describe("formats", () => {
	it.each([
		[formatMs(0.0421), "42.1 µs"],
		[formatMs(0.9999), "1.00 ms"],
		[formatMs(3.1449), "3.14 ms"],
		[formatMs(999.6), "1.00 s"],
		[formatMs(44_200), "44.2 s"],
		[formatMs(600_000), "10.0 min"],
		[formatMs(Number.NaN), "–"],
		[formatBytes(0), "0 B"],
		[formatBytes(1023), "1,023 B"],
		[formatBytes(1024), "1.00 KiB"],
		[formatBytes(2 ** 32), "4.00 GiB"],
		[formatBytes(1023.9 * 1024), "1.00 MiB"],
		[formatFlops(2.5e9), "2.50 GFLOP"],
		[formatRatio(0.5), "0.50×"],
		[formatRatio(1234), "1,234×"],
		[formatError(0), "0"],
		[formatError(3.2e-7), "3.2e-7"],
		[formatError(Number.NaN), "not finite"],
		[formatExponent(1.978), "n^1.98"],
		[formatExponent(null), "–"],
		[formatList(["a", "b", "c"]), "a, b and c"],
		[formatList(["a"]), "a"],
	])("%j is %j", (text, expected) => {
		expect(text).toBe(expected);
	});
});

describe("textTable", () => {
	it("aligns columns and lets short rows run on", () => {
		const text = textTable({
			columns: [
				{ title: "n", align: "right" },
				{ title: "name", align: "left" },
				{ title: "ms", align: "right" },
			],
			lines: [
				["1", "full", "2"],
				null,
				["100", "full", "30"],
				["100", "a longer name", "4"],
				["100", "skipped: too long a story"],
			],
		});
		expect(text.split("\n")).toEqual([
			"  n  name           ms",
			"──────────────────────",
			"  1  full            2",
			"",
			"100  full           30",
			"100  a longer name   4",
			"100  skipped: too long a story",
		]);
	});
});

describe("writeWholeFile", () => {
	it("replaces a file as a whole and leaves nothing beside it", () => {
		const folder = mkdtempSync(join(tmpdir(), "longspan-write-"));
		const path = join(folder, "report.html");
		writeFileSync(path, "a longer text from before");
		checkWritable(path);
		writeWholeFile(path, "new");
		expect(readFileSync(path, "utf8")).toBe("new");
		expect(() => writeWholeFile(join(folder, "missing", "x"), "")).toThrow(InputError);
		expect(() => checkWritable(join(folder, "missing", "x"))).toThrow(/there is no folder ".*missing"/);
		expect(() => checkWritable(folder)).toThrow(/it is a folder/);
		expect(readdirSync(folder)).toEqual(["report.html"]);
		rmSync(folder, { recursive: true });
	});
});

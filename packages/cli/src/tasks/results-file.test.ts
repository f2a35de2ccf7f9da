import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { keyOf, type ResultRecord } from "./record.js";
import { ResultsFile } from "./results-file.js";

let folder: string;
let path: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-results-"));
});
beforeEach(() => {
	path = join(folder, "out.jsonl");
	rmSync(path, { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const record = (name: string, result: unknown = 1): ResultRecord => ({
	...{ path: name, sha256: "00", task: "ner", model: "m", dtype: "fp32", options: { a: 1, b: [2] }, result },
});
/** Opens the file, adds records and returns what there was. */
async function add(...records: ResultRecord[]) {
	const file = await ResultsFile.open(path);
	const found = records.map((each) => file.has(keyOf(each)));
	for (const each of records) file.append(each);
	file.close();
	return found;
}

describe("ResultsFile", () => {
	it("knows what was added, whatever the order of options", async () => {
		expect(await add(record("a"), record("b"))).toEqual([false, false]);
		const file = await ResultsFile.open(path);
		expect(file.size).toBe(2);
		expect(file.has(keyOf({ ...record("a", 2), options: { b: [2], a: 1 } }))).toBe(true);
		for (const other of [
			{ path: "c" },
			{ sha256: "01" },
			{ task: "fill-mask" },
			{ model: "n" },
			{ revision: "x" },
			{ modified: "x" },
			{ dtype: "q8" },
			{ options: { a: 1 } },
		])
			expect(file.has(keyOf({ ...record("a"), ...other }))).toBe(false);
		file.close();
	});

	it.each([
		["short", 10],
		["longer than what is read at once", 200_000],
	])("cuts off part of a line that is %s", async (_, length) => {
		await add(record("a", "é".repeat(length)));
		const whole = readFileSync(path);
		for (const cut of [1, 2, 9, length]) {
			appendFileSync(path, whole.subarray(0, whole.length - cut));
			expect(await add()).toEqual([]);
			expect(readFileSync(path).equals(whole)).toBe(true);
		}
		writeFileSync(path, whole.subarray(0, whole.length - 5));
		expect(await add(record("a"))).toEqual([false]);
	});

	it.each([
		["other lines", "first\n", /line 1 is none/],
		["other JSON", `${JSON.stringify(record("a"))}\n\n{"path": "x"}\n`, /line 3 is none/],
		["one line of something else", '{"title":"mine"}', /its last line is none/],
	])("refuses a file with %s, and leaves it as it is", async (_, content, message) => {
		writeFileSync(path, content);
		await expect(ResultsFile.open(path)).rejects.toThrow(InputError);
		await expect(ResultsFile.open(path)).rejects.toThrow(message);
		expect(readFileSync(path, "utf8")).toBe(content);
		expect(existsSync(`${path}.lock`)).toBe(false);
	});

	it("is open once", async () => {
		const file = await ResultsFile.open(path);
		await expect(ResultsFile.open(path)).rejects.toThrow(/out\.jsonl" is in use by process/);
		file.close();
		await add();
	});
});

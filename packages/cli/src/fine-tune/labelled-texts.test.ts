import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { parseCsv } from "./csv.js";
import { readLabelledTexts } from "./labelled-texts.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-labels-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
	writeFileSync(join(folder, name), content);
	return join(folder, name);
}

describe("parseCsv", () => {
	it.each<[string, string[][]]>([
		[
			"a,b\r\nc,d",
			[
				["a", "b"],
				["c", "d"],
			],
		],
		[
			'"a ""b"", c","d\n\ne"\n\nf,\n',
			[
				['a "b", c', "d\n\ne"],
				["f", ""],
			],
		],
		["a,", [["a", ""]]],
		[",a", [["", "a"]]],
		["", []],
	])("reads %j", (text, records) => expect(parseCsv(text)).toEqual(records));

	it("says where a quote is wrong", () => {
		expect(() => parseCsv('a\n"b\nc')).toThrow("a quote in line 2 is not closed");
		expect(() => parseCsv('a\n"b\nc"d')).toThrow("text follows a closing quote in line 3");
	});
});

it("holds out one of ten texts of each file, and orders numbers as numbers", () => {
	const lines = Array.from({ length: 20 }, (_, index) => JSON.stringify({ text: `t${index}`, label: index % 11 }));
	const jsonl = write("a.jsonl", `\ufeff${lines.join("\n")}\n\n`);
	const tsv = write("b.tsv", `Label\tid\tText\n10\tx\tlast`);
	const { train, heldOut, labels, summary } = readLabelledTexts([jsonl, tsv]);
	expect(heldOut.map(({ text }) => text)).toEqual(["t4", "t13"]);
	expect(train).toHaveLength(19);
	expect(train.at(-1)).toEqual({ text: "last", label: "10" });
	expect(labels).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
	expect(summary).toEqual({ files: 2, trainBytes: 9 * 2 + 9 * 3 + 4, heldOutBytes: 2 + 3 });
});

it("holds out texts of both classes where they take turns", () => {
	const lines = Array.from({ length: 80 }, (_, index) => JSON.stringify({ text: "t", label: index % 2 }));
	const { heldOut } = readLabelledTexts([write("a.jsonl", lines.join("\n"))]);
	expect(heldOut).toHaveLength(8);
	expect(new Set(heldOut.map(({ label }) => label)).size).toBe(2);
});

it.each<[string, string, string | Uint8Array, RegExp]>([
	["another kind of file", "a.txt", "x", /a.txt" is no file of texts with classes/],
	["bytes that are no text", "a.csv", Uint8Array.of(0xff, 0x41), /a.csv" is no text in UTF-8/],
	["what is no JSON", "a.jsonl", '{"text": "a", "label": 1}\n{', /a.jsonl", line 2: it is no JSON/],
	["a line without a text", "a.jsonl", '{"label": 1}', /line 1: its text is undefined/],
	["a line without a class", "a.jsonl", '{"text": "a", "label": null}', /line 1: its label is null/],
	["a table without the columns", "a.csv", "a,b\nc,d", /has the columns a, b; expected text and label/],
	["a short row", "a.csv", "text,label\nc", /record 2: its label is undefined/],
	["one class", "a.csv", `text,label\n${"a,b\n".repeat(20)}`, /one class, "b"; expected at least two/],
	["too few texts", "a.csv", "text,label\na,b\nc,d", /2 texts, of which none is held out/],
])("refuses %s", (_, name, content, message) => {
	const path = write(name, content);
	expect(() => readLabelledTexts([path])).toThrow(InputError);
	expect(() => readLabelledTexts([path])).toThrow(message);
});

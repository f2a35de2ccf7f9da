import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { makePdf, type PdfLine } from "../testing/make-pdf.js";
import { pageAt } from "./document.js";
import { listDocuments } from "./list-documents.js";
import { readDocument } from "./read-document.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-documents-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file, and reads it as a document. */
async function read(name: string, content: string | Uint8Array) {
	const path = join(folder, name);
	writeFileSync(path, content);
	const warnings: string[] = [];
	return { ...(await readDocument(path, (message) => warnings.push(message))), warnings };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("readDocument, of text", () => {
	it.each<[what: string, content: string | Uint8Array, text: string, warning?: RegExp]>([
		["UTF-8", "naïve café\r\nnext\rlast\n", "naïve café\nnext\nlast"],
		["UTF-8 with its mark", bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9), "é"],
		["UTF-16", bytes(0xff, 0xfe, 0xe9, 0, 0x3d, 0xd8, 0, 0xde), "é😀"],
		["UTF-16, the other way round", bytes(0xfe, 0xff, 0, 0xe9), "é"],
		["bytes that are no UTF-8", Buffer.concat([Buffer.from("a long caf"), bytes(0xe9)]), "a long caf�", /no UTF-8/],
	])("reads %s", async (_, content, text, warning) => {
		const found = await read("a.txt", content);
		expect(found).toMatchObject({ kind: "text", text });
		expect(found.warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
		if (warning) expect(found.warnings[0]).toContain("a.txt");
	});

	it.each<[what: string, name: string, content: string | Uint8Array, message: RegExp]>([
		["an empty file", "a.txt", "", /a\.txt" is empty/],
		["blanks", "a.md", " \n ", /a\.md": it has no text/],
		["zeros", "a.txt", bytes(65, 0, 66), /it is binary/],
		["an image", "a.png", bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13), /it is binary/],
		["compressed bytes", "a.gz", bytes(0x1f, 0x8b, 8, 3, 0xe9, 0xff, 0xee), /it is binary/],
		["what is no PDF", "a.pdf", "%PDF-1.4 nothing", /it is no PDF that can be read/],
		["the name of a PDF alone", "a.pdf", "plain", /it is no PDF that can be read/],
		["a text of too many characters", "a.txt", "word ".repeat(2 ** 21), /its text has 10485759 characters/],
		["pages nested beyond reason", "a.html", `<p>x${"<div>".repeat(20_000)}y`, /nested too deeply/],
	])("refuses %s, naming the file", async (_, name, content, message) => {
		await expect(read(name, content)).rejects.toThrow(InputError);
		await expect(read(name, content)).rejects.toThrow(message);
		await expect(read(name, content)).rejects.toThrow(name);
	});
});

describe("readDocument, of pages", () => {
	const article = "The keeper lit the lamp, and the sea answered, and all was well. ".repeat(12);

	it("reads the article of a page, without what is around it", async () => {
		const page = `<!doctype html><html><head><title>The Light | Site</title><style>p {}</style></head><body>
			<nav><a href="/">Home</a> <a href="/all">All stories</a></nav>
			<article><h1>The Light</h1><p>${article}</p><p>${article}<br>soft&shy;ware &amp; more</p>
			<script>alert(1)</script><ul><li>one</li><li>two</li></ul></article><footer>Imprint</footer></body></html>`;
		const { title, text, kind } = await read("a.html", page);
		expect([kind, title]).toEqual(["html", "The Light | Site"]);
		expect(text.startsWith("The Light | Site\n\nThe keeper lit")).toBe(true);
		expect(text).toContain("all was well.\n\nThe keeper");
		expect(text).toContain("all was well.\nsoftware & more\n\n- one\n- two");
		for (const word of ["Home", "Imprint", "alert", "<", "{"]) expect(text).not.toContain(word);
	});

	it("reads the whole of a page that has no article, and parts of pages", async () => {
		expect((await read("a.htm", "<title>T</title><table><tr><td>a<td>b</tr><tr><td>c<td>d</table>")).text).toBe(
			"T\n\na\tb\nc\td",
		);
		expect((await read("b.html", "<html><head><title>x</title></head><pre>a  b\n c</pre>")).text).toBe("x\n\na  b\n c");
		// By content where the name says nothing.
		expect(await read("page", "<!DOCTYPE html><p>hello")).toMatchObject({ kind: "html", text: "hello" });
		expect(await read("page.txt", "<!DOCTYPE html><p>hello")).toMatchObject({ kind: "text" });
	});

	it("reads the encoding a page declares", async () => {
		const page = Buffer.from('<html><meta charset="iso-8859-1"><body><p>caf\u00e9</body></html>', "latin1");
		expect(await read("a.html", page)).toMatchObject({ text: "café", warnings: [] });
	});

	it("reads Markdown", async () => {
		const source =
			"# Head & *shoulders*\n\nA [link](http://x.y),\na `span`.\n\n1. one\n2. two\n\n```\nx\n  y\n```\n\n<b>bold</b>";
		expect(await read("a.md", source)).toMatchObject({
			...{ kind: "markdown", title: "Head & shoulders" },
			text: "Head & shoulders\n\nA link, a span.\n\n- one\n- two\n\nx\n  y\n\nbold",
		});
		const gap = "- a\n- b\n  - c\n\nThe keeper <mask> the lamp.\n\n<mask>\nend";
		expect((await read("c.md", gap)).text).toBe("- a\n- b\n- c\n\nThe keeper <mask> the lamp.\n\n<mask> end");
		const { title, text } = await read("b.markdown", '---\ntitle: "Notes"\ndate: 1\n---\nText');
		expect([title, text]).toEqual(["Notes", "Text"]);
	});
});

describe("readDocument, of a PDF", () => {
	const lines = (texts: readonly string[], top = 500): PdfLine[] =>
		texts.map((text, index) => ({ text, y: top - 12 * index }));

	it("joins lines and words, tells paragraphs and pages apart", async () => {
		const pdf = makePdf(
			[
				[
					{ text: "A Heading", y: 530, size: 16 },
					...lines(["The well-known keeper exam-", "ined the lamp. It was a well-", "known (old) lamp."]),
					...lines(["A second paragraph goes on", "to the next"], 440),
				],
				lines(["page, and ends there.", "It does.", "All of it."]),
				lines(["A third page."]),
			],
			{ title: "The Lamp" },
		);
		const found = await read("a.pdf", pdf);
		expect(found).toMatchObject({ kind: "pdf", title: "The Lamp" });
		expect(found.text.split("\n\n")).toEqual([
			"A Heading",
			"The well-known keeper examined the lamp. It was a well-known (old) lamp.",
			"A second paragraph goes on to the next page, and ends there. It does. All of it.",
			"A third page.",
		]);
		const pageOf = (words: string) => pageAt(found, found.text.indexOf(words));
		expect([pageOf("A Heading"), pageOf("the next"), pageOf("page, and"), pageOf("A third")]).toEqual([1, 1, 2, 3]);
		expect(pageAt({ path: "", kind: "text", text: "x" }, 0)).toBeUndefined();
		// Whatever it is called.
		expect(await read("report", pdf)).toMatchObject({ kind: "pdf" });
	});

	it.each<[what: string, pdf: Uint8Array, message: RegExp]>([
		["without text", makePdf([[], []]), /its 2 pages have no text; .*\(OCR\)/],
		["that is encrypted", makePdf([lines(["secret"])], { encrypted: true }), /it is encrypted; save it without/],
	])("refuses one %s", async (_, pdf, message) => {
		await expect(read("a.pdf", pdf)).rejects.toThrow(InputError);
		await expect(read("a.pdf", pdf)).rejects.toThrow(message);
	});
});

describe("listDocuments", () => {
	it("lists files once, and what cannot be listed with its reason", () => {
		const at = (name: string) => join(folder, "list", name);
		mkdirSync(at("sub/none"), { recursive: true });
		for (const name of ["b.txt", "a.md", "sub/c.HTML", "sub/d.png", "notes.tex"]) writeFileSync(at(name), "x");
		writeFileSync(at("empty.txt"), "");
		const given = [at("b.txt"), at(""), at("*.t*"), "-", at("missing"), at("empty.txt"), at("sub/none"), at("b.txt")];
		const found = listDocuments(given);
		expect(found.flatMap(({ path, error }) => (error ? [] : [path]))).toEqual([
			...[at("b.txt"), at("a.md"), at("sub/c.HTML"), at("notes.tex"), "-"],
		]);
		expect(found.flatMap(({ error }) => (error ? [error.message] : []))).toEqual([
			expect.stringMatching(/cannot read ".*missing": there is no such/),
			expect.stringMatching(/empty\.txt" is empty/),
			expect.stringMatching(/none" is a folder without/),
		]);
	});
});

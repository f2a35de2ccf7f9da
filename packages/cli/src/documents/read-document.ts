import { readFileSync, statSync } from "node:fs";
import { reading } from "../data/list-files.js";
import { InputError } from "../errors.js";
import { decodeText } from "./decode-text.js";
import type { Document } from "./document.js";
import { kindOf } from "./document-kind.js";

/** The most bytes of a file: as many as a text may have characters. */
const mostBytes = 2 ** 29 - 2 ** 10;
/** The most characters of a text: each may become three tokens, which are all in memory at once. */
const mostCharacters = 2 ** 23;

/** The bytes of a file; "-" for standard input. Throws `InputError` for one that cannot be read, or has none. */
export function readBytes(path: string): Uint8Array {
	const size = path === "-" ? 0 : reading(path, () => statSync(path)).size;
	if (size > mostBytes)
		throw new InputError(`"${path}" is too large: it has ${size} bytes; expected at most ${mostBytes}`);
	const bytes = reading(path, () => readFileSync(path === "-" ? process.stdin.fd : path));
	if (bytes.length === 0) throw new InputError(`${called(path)} is empty`);
	return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads the text of a file: plain text, Markdown, the article of an HTML page, or a PDF.
 *
 * @param bytes of the file, if they have been read before
 * @param warn told what was read otherwise than it was meant, as bytes that are no characters
 * @throws InputError naming a file that cannot be read, is empty, too long, no text, encrypted, damaged, or has pictures of text only
 */
export async function readDocument(
	path: string,
	warn: (message: string) => void,
	bytes: Uint8Array = readBytes(path),
): Promise<Document> {
	try {
		const document = await parse(path, bytes, warn);
		if (!/\S/.test(document.text)) throw new InputError("it has no text");
		if (document.text.length > mostCharacters)
			throw new InputError(
				`its text has ${document.text.length} characters; expected at most ${mostCharacters}: split it into several files`,
			);
		return document;
	} catch (error) {
		if (error instanceof InputError) throw new InputError(`cannot read ${called(path)}: ${error.message}`);
		if (error instanceof RangeError)
			throw new InputError(`cannot read ${called(path)}: its parts are nested too deeply, or it is too large`);
		throw error;
	}
}

/** How errors call a file. */
function called(path: string): string {
	return path === "-" ? "standard input" : `"${path}"`;
}

async function parse(path: string, bytes: Uint8Array, warn: (message: string) => void): Promise<Document> {
	const kind = kindOf(path, bytes);
	// Libraries are loaded for the files that need them.
	if (kind === "pdf") return { path, kind, ...(await (await import("./pdf/read-pdf.js")).readPdf(bytes)) };
	const pages = kind === "text" ? undefined : await import("./read-html.js");
	const { text, invalid } = decodeText(bytes, kind === "html" ? pages?.declaredEncoding(bytes) : undefined);
	if (invalid) warn(`${called(path)}: some bytes are no ${invalid}; they are read as �`);
	if (!pages) return { path, kind, text: text.trim() };
	const page = await (kind === "html" ? pages.readHtml(text) : pages.readMarkdown(text));
	return { path, kind, ...(page.title && { title: page.title }), text: page.text };
}

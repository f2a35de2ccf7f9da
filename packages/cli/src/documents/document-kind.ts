import { extname } from "node:path";
import type { DocumentKind } from "./document.js";

const kinds: Readonly<Record<string, DocumentKind>> = {
	".txt": "text",
	".text": "text",
	".md": "markdown",
	".markdown": "markdown",
	".htm": "html",
	".html": "html",
	".xhtml": "html",
	".pdf": "pdf",
};

/** Bytes at the begin that are looked at. A PDF may begin with others. */
const sniffedBytes = 1024;

/** The kind that the name of a file tells; undefined for other names. */
export function namedKind(path: string): DocumentKind | undefined {
	return kinds[extname(path).toLowerCase()];
}

/** The kind of a file: PDF by its content, others by name, or by content if the name says nothing. */
export function kindOf(path: string, bytes: Uint8Array): DocumentKind {
	const begin = Buffer.from(bytes.subarray(0, sniffedBytes)).toString("latin1");
	if (begin.includes("%PDF-")) return "pdf";
	const named = namedKind(path);
	if (named) return named;
	// UTF-16 has a zero beside every letter.
	return /^[^<]{0,4}\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html)\b/is.test(begin.replaceAll("\0", ""))
		? "html"
		: "text";
}

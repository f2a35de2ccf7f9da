import { type Document, pageAt } from "../documents/document.js";
import { formatCount } from "../output/format.js";

/** Where something is in a document, for people: its page, or its first character, counted from 1. */
export function placeOf(document: Document, offset: number): string {
	const page = pageAt(document, offset);
	return page === undefined ? `character ${formatCount(offset + 1)}` : `page ${page}`;
}

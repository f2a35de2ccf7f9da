/** What a document was written in. */
export type DocumentKind = "text" | "markdown" | "html" | "pdf";

/** The text of a file. */
export interface Document {
	/** As given; "-" for standard input. */
	readonly path: string;
	readonly kind: DocumentKind;
	readonly title?: string;
	/** Not empty. Lines of a paragraph of a PDF are joined; paragraphs are an empty line apart. */
	readonly text: string;
	/** Where each page of a PDF begins in the text, in UTF-16 units. */
	readonly pages?: readonly number[];
}

/** The page of a PDF, from 1, that a place of its text is on; undefined for others. */
export function pageAt({ pages }: Document, offset: number): number | undefined {
	return pages && Math.max(1, pages.filter((begin) => begin <= offset).length);
}

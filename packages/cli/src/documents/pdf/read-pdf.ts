import { InputError } from "../../errors.js";
import { joinLines, type PagesText } from "./join-lines.js";
import { type Line, pageLines, type TextItem } from "./page-lines.js";

/** Reads the text of a PDF. Throws `InputError` for one that is encrypted or damaged, or has pictures of text only. */
export async function readPdf(bytes: Uint8Array): Promise<PagesText & { title?: string }> {
	const { getDocumentProxy } = await import("unpdf");
	const telling = (error: unknown): never => {
		const { name, message } = error as Error;
		if (name === "PasswordException") throw new InputError("it is encrypted; save it without a password first");
		throw new InputError(`it is no PDF that can be read: ${message}`);
	};
	// The library takes the bytes it is given away from others.
	const pdf = await getDocumentProxy(bytes.slice(), { verbosity: 0, isEvalSupported: false }).catch(telling);
	try {
		const lines: Line[] = [];
		for (let page = 0; page < pdf.numPages; page++) {
			const found = await pdf.getPage(page + 1).catch(telling);
			const { items } = await found.getTextContent().catch(telling);
			lines.push(
				...pageLines(
					(items as (TextItem | object)[]).filter((item): item is TextItem => "str" in item),
					page,
				),
			);
			found.cleanup();
		}
		if (lines.length === 0)
			throw new InputError(
				`its ${pdf.numPages === 1 ? "page has" : `${pdf.numPages} pages have`} no text; if they are pictures of text, recognise that first (OCR)`,
			);
		const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
		const title = "Title" in info && typeof info.Title === "string" ? info.Title.trim() : "";
		return { ...(title && { title }), ...joinLines(lines, pdf.numPages) };
	} finally {
		await pdf.loadingTask.destroy();
	}
}

/** A line of a PDF, its base line so many points above the bottom of the page. */
export interface PdfLine {
	readonly text: string;
	readonly y: number;
	readonly size?: number;
}

/** A PDF of pages with lines of ASCII text, in Helvetica of 10 points. `encrypted`: with a password that is not empty. */
export function makePdf(pages: readonly (readonly PdfLine[])[], options: { title?: string; encrypted?: boolean } = {}) {
	const { title = "", encrypted = false } = options;
	const objects = [
		"<< /Type /Catalog /Pages 2 0 R >>",
		`<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, page) => `${5 + 2 * page} 0 R`).join(" ")}] >>`,
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		`<< /Title (${title}) >>`,
		...pages.flatMap((lines, page) => {
			const content = lines
				.map(({ text, y, size = 10 }) => `BT /F1 ${size} Tf 50 ${y} Td (${text.replace(/[\\()]/g, "\\$&")}) Tj ET`)
				.join("\n");
			return [
				`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Resources << /Font << /F1 3 0 R >> >> /Contents ${6 + 2 * page} 0 R >>`,
				`<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
			];
		}),
	];
	let text = "%PDF-1.4\n";
	const offsets = objects.map((object, index) => {
		const offset = text.length;
		text += `${index + 1} 0 obj\n${object}\nendobj\n`;
		return offset;
	});
	const start = text.length;
	const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
	// No password gives these hashes of one.
	const hash = `<${"5a".repeat(32)}>`;
	const encryption = encrypted ? `/Encrypt << /Filter /Standard /V 1 /R 2 /O ${hash} /U ${hash} /P -4 >>` : "";
	text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
	text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 4 0 R ${encryption} /ID [<00><00>] >>\nstartxref\n${start}\n%%EOF\n`;
	return new TextEncoder().encode(text);
}

import type { Table } from "../output/text-table.js";

const entities: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

/** Text made safe for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** A table as HTML. */
export function htmlTable({ columns, lines }: Table): string {
	const cell = (tag: string, index: number, text: string, rest = "") =>
		`<${tag} class="${columns[index]?.align ?? "left"}"${rest}>${escapeHtml(text)}</${tag}>`;
	const head = columns.map(({ title }, index) => cell("th", index, title, ' scope="col"')).join("");
	const groups: string[][] = [[]];
	for (const line of lines) {
		if (line === null) {
			groups.push([]);
			continue;
		}
		const cells = line.map((text, index) => {
			const runsOn = index === line.length - 1 && line.length < columns.length;
			if (!runsOn) return cell("td", index, text);
			return `<td class="note" colspan="${columns.length - index}">${escapeHtml(text)}</td>`;
		});
		groups[groups.length - 1]?.push(`<tr>${cells.join("")}</tr>`);
	}
	const body = groups.map((rows) => `<tbody>${rows.join("\n")}</tbody>`).join("\n");
	return `<div class="scroll"><table><thead><tr>${head}</tr></thead>\n${body}</table></div>`;
}

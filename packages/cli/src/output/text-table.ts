/** How a column is set. */
export interface Column {
	readonly title: string;
	readonly align: "left" | "right";
}

/** Cells of a row; the last of fewer cells than columns runs on to the end. Null separates groups of rows. */
export type TableLine = readonly string[] | null;

/** What a table says, whatever it is set in. */
export interface Table {
	readonly columns: readonly Column[];
	readonly lines: readonly TableLine[];
}

/** Sets a table in plain text, in aligned columns two spaces apart. */
export function textTable({ columns, lines }: Table): string {
	const complete = lines.filter((line): line is readonly string[] => line?.length === columns.length);
	const partial = lines.filter((line): line is readonly string[] => line !== null && line.length < columns.length);
	const widths = columns.map(({ title }, index) =>
		Math.max(
			title.length,
			...complete.map((line) => (line[index] as string).length),
			...partial.map((line) => (index < line.length - 1 ? (line[index] as string).length : 0)),
		),
	);
	const set = (line: readonly string[]) =>
		line
			.map((cell, index) => {
				if (index === line.length - 1 && line.length < columns.length) return cell;
				return columns[index]?.align === "right" ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0);
			})
			.join("  ")
			.trimEnd();
	const head = set(columns.map(({ title }) => title));
	const rule = "─".repeat(widths.reduce((sum, width) => sum + width, 2 * (columns.length - 1)));
	return [head, rule, ...lines.map((line) => (line ? set(line) : ""))].join("\n");
}

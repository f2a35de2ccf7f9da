/** A Markdown table; the first column is text, the others are numbers. */
export function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	return [line(heading), `|---|${"---:|".repeat(heading.length - 1)}`, ...rows.map(line)].join("\n");
}

/** A length or a position: 16,384. */
export function whole(value: number): string {
	return Math.round(value).toLocaleString("en");
}

/** Two significant digits below 100, none after the point above. */
export function short(value: number): string {
	if (value === 0) return "0";
	const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value))));
	return value.toLocaleString("en", {
		minimumFractionDigits: Math.min(6, digits),
		maximumFractionDigits: Math.min(6, digits),
	});
}

/** "a, b and c". */
export function listed(parts: readonly string[]): string {
	if (parts.length < 2) return parts.join("");
	return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** Bytes with a unit of powers of 1000. */
export function bytesText(bytes: number): string {
	const units = ["B", "kB", "MB", "GB", "TB"];
	const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
	return `${short(bytes / 1000 ** power)} ${units[power]}`;
}

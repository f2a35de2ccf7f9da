import type { Figure, Measurement, SuiteReport } from "./report.js";

/** A suite's report as text for a terminal. */
export function formatReport({ title, measurements, figures, notes }: SuiteReport): string {
	const blocks = [title];
	if (measurements.length > 0) blocks.push(formatTable(measurementColumns, measurements));
	if (figures.length > 0) blocks.push(formatTable(figureColumns, figures));
	if (notes.length > 0) blocks.push(notes.map((note) => `  - ${note}`).join("\n"));
	return blocks.join("\n\n");
}

interface Column<Row> {
	readonly heading: string;
	readonly align: "left" | "right";
	readonly cell: (row: Row) => string | undefined;
}

const measurementColumns: readonly Column<Measurement>[] = [
	{ heading: "", align: "left", cell: ({ name }) => name },
	{ heading: "ms", align: "right", cell: ({ milliseconds }) => optional(milliseconds, formatNumber) },
	{
		heading: "CPU ms",
		align: "right",
		cell: ({ processorMilliseconds }) => optional(processorMilliseconds, formatNumber),
	},
	{ heading: "GFLOP/s", align: "right", cell: ({ gigaflops }) => optional(gigaflops, formatNumber) },
	{ heading: "bytes", align: "right", cell: ({ bytes }) => optional(bytes, (value) => value.toLocaleString("en")) },
	{
		heading: "difference",
		align: "right",
		cell: ({ difference }) => optional(difference, (value) => value.toExponential(1)),
	},
	{ heading: "", align: "left", cell: ({ failure }) => failure },
];

const figureColumns: readonly Column<Figure>[] = [
	{ heading: "", align: "left", cell: ({ meaning }) => meaning },
	{ heading: "value", align: "right", cell: ({ value }) => formatNumber(value) },
	{
		heading: "target",
		align: "right",
		cell: ({ target }) => optional(target, ({ relation, value }) => `${relation} ${value}`),
	},
	{ heading: "", align: "left", cell: ({ met }) => optional(met, (yes) => (yes ? "met" : "NOT MET")) },
];

function optional<T>(value: T | undefined, format: (value: T) => string): string | undefined {
	return value === undefined ? undefined : format(value);
}

/** Three significant digits, and no exponent. */
export function formatNumber(value: number): string {
	const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
	return value.toLocaleString("en", {
		minimumFractionDigits: 0,
		maximumFractionDigits: Math.min(6, Math.max(0, 2 - digits)),
	});
}

/** Columns without a cell in any row are left out. */
function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
	const used = columns.filter(({ cell }) => rows.some((row) => cell(row) !== undefined));
	const lines = [used.map(({ heading }) => heading), ...rows.map((row) => used.map(({ cell }) => cell(row) ?? ""))];
	const widths = used.map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)));
	const pad = (text: string, column: number) =>
		used[column]?.align === "right" ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number);
	return lines.map((line) => `  ${line.map(pad).join("  ")}`.trimEnd()).join("\n");
}

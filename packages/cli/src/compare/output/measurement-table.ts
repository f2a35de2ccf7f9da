import { exactName } from "../../attentions/registry.js";
import { formatBytes, formatCount, formatError, formatFlops, formatMs, formatRatio } from "../../output/format.js";
import type { Column, Table, TableLine } from "../../output/text-table.js";
import type { CompareResult, Row } from "../result.js";

/** How many times as fast as exact attention at the same length; null where that was not measured. */
export function speedOverExact(row: Row, rows: readonly Row[]): number | null {
	const exact = rows.find(({ attention, n }) => attention === exactName && n === row.n);
	return exact ? exact.forwardMs / row.forwardMs : null;
}

interface Field extends Column {
	readonly cell: (row: Row) => string;
}

function fieldsOf({ rows, settings }: CompareResult): Field[] {
	const field = (title: string, cell: (row: Row) => string): Field => ({ title, align: "right", cell });
	const backward = (row: Row) => (row.forwardBackwardMs === null ? "–" : formatMs(row.forwardBackwardMs));
	return [
		field("length", (row) => formatCount(row.n)),
		{ title: "attention", align: "left", cell: (row) => row.attention },
		field("forward", (row) => formatMs(row.forwardMs)),
		field(`vs ${exactName}`, (row) => formatRatio(speedOverExact(row, rows) ?? Number.NaN)),
		...(settings.backward ? [field("fwd + bwd", backward)] : []),
		field("memory", (row) => formatBytes(row.peakBytes)),
		field("work", (row) => formatFlops(row.flops)),
		field("tiles", (row) => formatCount(row.tiles)),
		field("max error", (row) => (row.maxErrorVsExact === null ? "–" : formatError(row.maxErrorVsExact))),
	];
}

/** One row per length and attention, skipped ones with their reason. */
export function measurementTable(result: CompareResult): Table {
	const fields = fieldsOf(result);
	const lines = result.settings.lengths.flatMap((n, index): TableLine[] => {
		const ofLength = result.settings.attentions.flatMap(({ label }): TableLine[] => {
			const row = result.rows.find(({ attention, n: length }) => attention === label && length === n);
			if (row) return [fields.map(({ cell }) => cell(row))];
			const skipped = result.skipped.find(({ attention, n: length }) => attention === label && length === n);
			return [[formatCount(n), label, `skipped: ${skipped?.reason}`]];
		});
		return index === 0 ? ofLength : [null, ...ofLength];
	});
	return { columns: fields, lines };
}

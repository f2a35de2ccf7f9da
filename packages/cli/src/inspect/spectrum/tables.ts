import { formatCount } from "../../output/format.js";
import { type Table, textTable } from "../../output/text-table.js";
import type { HeadSpectrum, SpectrumResult } from "./result.js";

/** A cumulative share, such as "0.913". */
export function formatCumulative(share: number): string {
	return share.toFixed(3);
}

/** The model and the data in one line. */
export function spectrumLine({ model, config, data, length, windows }: SpectrumResult): string {
	const { attention, layers, heads } = config;
	const passages = windows === 1 ? "one window" : `${windows} windows`;
	return `${model}: ${attention}, ${layers} ${layers === 1 ? "layer" : "layers"} of ${heads} ${heads === 1 ? "head" : "heads"}; ${passages} of ${formatCount(length)} bytes of ${data}`;
}

/** What the numbers of the heat map are. */
export function heatText({ heatRank, length }: SpectrumResult): string {
	return `s(${heatRank}): share of the sum of the ${formatCount(length)} singular values that the ${heatRank === 1 ? "largest makes" : `${formatCount(heatRank)} largest make`} up`;
}

/** A row for each layer, a column for each head. */
function headTable({ heads, config }: SpectrumResult, cell: (head: HeadSpectrum) => string): Table {
	const right = (title: string) => ({ title, align: "right" as const });
	return {
		columns: [right("layer"), ...Array.from({ length: config.heads }, (_, head) => right(`head ${head}`))],
		lines: Array.from({ length: config.layers }, (_, layer) => [
			String(layer),
			...heads.filter((one) => one.layer === layer).map(cell),
		]),
	};
}

/** s(r) at the rank of the heat map. */
function heatTable(result: SpectrumResult): Table {
	return headTable(result, ({ heatShare }) => formatCumulative(heatShare));
}

/** Singular values that make up nine tenths of the sum. */
export function rankTable(result: SpectrumResult): Table {
	return headTable(result, ({ rankFor90 }) => formatCount(rankFor90));
}

/** What the terminal shows of a spectrum. */
export function spectrumText(result: SpectrumResult): string {
	const parts = [
		spectrumLine(result),
		`${heatText(result)}\n${textTable(heatTable(result))}`,
		`largest singular values that make up nine tenths of the sum\n${textTable(rankTable(result))}`,
	];
	return `${parts.join("\n\n")}\n`;
}

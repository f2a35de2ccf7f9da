import { formatBytes, formatCount, formatExponent, formatMs } from "../../output/format.js";
import { type Axis, linePlot } from "../../report/line-plot.js";
import type { Series } from "../../report/series.js";
import { logTicks, paddedLogDomain, thinned } from "../../report/ticks.js";
import type { CompareResult, GrowthFit, Row } from "../result.js";

interface Quantity {
	readonly name: string;
	readonly value: (row: Row) => number | null;
	readonly exponent: (fit: GrowthFit) => number | null;
	readonly format: (value: number) => string;
	readonly ticks: (domain: readonly [number, number]) => number[];
}

const time: Quantity = {
	name: "Forward time",
	value: ({ forwardMs }) => forwardMs,
	exponent: ({ timeExponent }) => timeExponent,
	format: formatMs,
	ticks: (domain) => logTicks(domain, 10, [1, 3]),
};

const forwardBackwardTime: Quantity = {
	...time,
	name: "Forward and backward time",
	value: ({ forwardBackwardMs }) => forwardBackwardMs,
	exponent: ({ forwardBackwardTimeExponent }) => forwardBackwardTimeExponent,
};

const memory: Quantity = {
	name: "Peak memory",
	value: ({ peakBytes }) => peakBytes,
	exponent: ({ memoryExponent }) => memoryExponent,
	format: formatBytes,
	ticks: (domain) => logTicks(domain, 4),
};

/** Lengths in thousands where they are round. */
function formatLength(n: number): string {
	return n >= 1024 && n % 1024 === 0 ? `${n / 1024}k` : formatCount(n);
}

function growthPlot({ rows, fits, settings }: CompareResult, quantity: Quantity): string {
	const measured = rows.flatMap((row) => {
		const value = quantity.value(row);
		return value ? [{ attention: row.attention, n: row.n, value }] : [];
	});
	const series = settings.attentions.map(({ label }, index): Series => {
		const fit = fits.find(({ attention }) => attention === label);
		const exponent = fit ? quantity.exponent(fit) : null;
		const points = measured
			.filter(({ attention }) => attention === label)
			.map(({ n, value }) => ({
				x: n,
				y: value,
				title: `${label}, n = ${formatCount(n)}: ${quantity.format(value)}`,
			}));
		return { label, index, points, endLabel: exponent === null ? label : `${label} ∝ ${formatExponent(exponent)}` };
	});
	const lengths = [...new Set(measured.map(({ n }) => n))].sort((a, b) => a - b);
	const x: Axis = {
		type: "log",
		label: "sequence length (tokens)",
		domain:
			lengths.length > 1 ? [lengths[0] as number, lengths[lengths.length - 1] as number] : paddedLogDomain(lengths),
		ticks: thinned(lengths),
		format: formatLength,
	};
	const domain = paddedLogDomain(measured.map(({ value }) => value));
	const format = (value: number) => quantity.format(value).replace(/\.0+ /, " ");
	const y: Axis = { type: "log", label: "", domain, ticks: quantity.ticks(domain), format };
	const said = series.filter(({ points }) => points.length > 0).map(({ endLabel }) => endLabel);
	return linePlot(series, x, y, `${quantity.name} against sequence length: ${said.join(", ")}`);
}

/** Forward time against length, both on logarithmic axes, with the fitted slopes. */
export function timePlot(result: CompareResult): string {
	return growthPlot(result, time);
}

/** Time of forward and backward against length, likewise. */
export function forwardBackwardPlot(result: CompareResult): string {
	return growthPlot(result, forwardBackwardTime);
}

/** Peak memory against length, likewise. */
export function memoryPlot(result: CompareResult): string {
	return growthPlot(result, memory);
}

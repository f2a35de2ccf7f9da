import { formatBytes, formatCount, formatExponent, formatFlops } from "../../output/format.js";
import { headNames } from "../../output/head-names.js";
import type { Column, Table } from "../../output/text-table.js";
import type { InspectResult, PathStatistics } from "../result.js";

function columnsOf(first: string, ...others: string[]): Column[] {
	return [{ title: first, align: "left" }, ...others.map((title): Column => ({ title, align: "right" }))];
}

/** A share as percent; what is not quite everything or nothing does not look like it. */
export function formatShare(share: number): string {
	if (share > 0 && share < 0.0005) return "< 0.1 %";
	if (share < 1 && share > 0.9995) return "> 99.9 %";
	return `${share === 1 || share === 0 ? share * 100 : (share * 100).toFixed(1)} %`;
}

/** What each kind of head sees. */
export function patternTable({ patterns }: InspectResult): Table {
	return {
		columns: columnsOf("heads", "pairs", "density", "scores", "tiles"),
		lines: patterns.map(({ heads, pairs, density, scores, tiles }) => [
			patterns.length === 1 ? "each head" : heads.length === 1 ? headNames(heads) : `each of ${headNames(heads)}`,
			formatCount(pairs),
			formatShare(density),
			formatCount(scores),
			formatCount(tiles),
		]),
	};
}

/** What is followed in a row of the table of hops. */
export function pathName({ of, heads }: PathStatistics): string {
	if (of === "heads") return headNames(heads);
	return of === "layer" ? "all heads" : "random graph";
}

/** How many layers lie between two tokens. */
export function hopsTable({ paths }: InspectResult): Table {
	const layers = paths[0]?.connectedShare.length ?? 0;
	const within = Array.from({ length: layers }, (_, index) => `${index + 1} ${index === 0 ? "layer" : "layers"}`);
	return {
		columns: columnsOf("connected within", "links", "mean hops", "diameter", ...within),
		lines: paths.map((path) => [
			pathName(path),
			formatCount(path.links),
			path.unconnected > 0 && path.meanHops === 0 ? "–" : path.meanHops.toFixed(2),
			path.diameter === null ? "∞" : formatCount(path.diameter),
			...path.connectedShare.map(formatShare),
		]),
	};
}

/** How many tokens a token knows of after some layers, and how far back and ahead. */
export function receptiveFieldTable({ receptiveFields }: InspectResult): Table {
	return {
		columns: columnsOf("known after", "mean tokens", "fewest", "most", "back", "ahead"),
		lines: receptiveFields.map(({ layers, mean, fewest, most, before, after }) => [
			layers === 1 ? "1 layer" : `${layers} layers`,
			mean >= 100 ? formatCount(mean) : mean.toFixed(1),
			...[fewest, most, before, after].map(formatCount),
		]),
	};
}

/** What calls cost at the length and its doubles, and how that grows. */
export function costTableText({ costs, refused, growth }: InspectResult): Table {
	const lengths = [...costs, ...refused].map(({ n }) => n).sort((a, b) => a - b);
	const growthLine = [
		"grows as",
		formatExponent(growth.flops),
		formatExponent(growth.tiles),
		formatExponent(growth.bytes),
	];
	return {
		columns: columnsOf("length", "work", "tiles", "memory"),
		lines: [
			...lengths.map((n) => {
				const cost = costs.find((one) => one.n === n);
				if (cost) return [formatCount(n), formatFlops(cost.flops), formatCount(cost.tiles), formatBytes(cost.bytes)];
				return [formatCount(n), `not for this length: ${refused.find((one) => one.n === n)?.reason}`];
			}),
			growthLine,
		],
	};
}

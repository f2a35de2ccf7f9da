import { type Axis, linePlot } from "../../report/line-plot.js";
import { type Series, seriesColors } from "../../report/series.js";
import { linearTicks } from "../../report/ticks.js";
import type { SpectrumResult } from "./result.js";
import { formatCumulative } from "./tables.js";

/** Layers drawn, one colour left for the identity. */
const mostLayers = seriesColors - 1;

/** Some of the layers, the first and the last among them, if there are too many to be told apart. */
function drawnLayers(layers: number): number[] {
	const count = Math.min(layers, mostLayers);
	return Array.from({ length: count }, (_, index) =>
		count === 1 ? 0 : Math.round((index * (layers - 1)) / (count - 1)),
	);
}

/** Cumulative singular values against their number, a line per layer, and that of the identity to hold them against. */
export function curvesPlot({ heads, ranks, config, length }: SpectrumResult): string {
	const curves = drawnLayers(config.layers).map((layer) => {
		const own = heads.filter((one) => one.layer === layer);
		const shares = ranks.map((_, at) => own.reduce((sum, one) => sum + (one.shares[at] as number), 0) / own.length);
		return { label: `layer ${layer}`, shares };
	});
	const lines = [...curves, { label: "identity", shares: ranks.map((rank) => rank / length) }];
	const series = lines.map(({ label, shares }, index): Series => {
		const points = shares.map((share, at) => ({
			x: ranks[at] as number,
			y: share,
			title: `${label}, s(${ranks[at]}) = ${formatCumulative(share)}`,
		}));
		return { label, index, points, endLabel: label };
	});
	const ticks = Array.from({ length: 5 }, (_, part) => Math.max(1, Math.round((part * length) / 4)));
	const x: Axis = {
		type: "linear",
		label: "number of singular values, largest first",
		domain: [1, length],
		ticks,
		format: String,
	};
	const y: Axis = { type: "linear", label: "", domain: [0, 1.03], ticks: linearTicks([0, 1]), format: String };
	return linePlot(series, x, y, "Normalised cumulative singular values, the mean over the heads of each layer");
}

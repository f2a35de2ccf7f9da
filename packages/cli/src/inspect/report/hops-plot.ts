import { type Axis, linePlot } from "../../report/line-plot.js";
import type { Series } from "../../report/series.js";
import { linearTicks, thinned } from "../../report/ticks.js";
import { formatShare, pathName } from "../output/tables.js";
import type { InspectResult } from "../result.js";

/** More kinds of heads than these are left to the table. */
const mostHeadSeries = 6;

/** Share of the pairs of tokens that are connected, against the number of layers. */
export function hopsPlot({ paths, attention }: InspectResult): string {
	const others = paths.filter(({ of }) => of !== "heads");
	const drawn = paths.length - others.length > mostHeadSeries ? others : paths;
	const series = drawn.map((path, index): Series => {
		const label = pathName(path);
		const points = path.connectedShare.map((share, layer) => ({
			x: layer + 1,
			y: share,
			title: `${label}, within ${layer + 1}: ${formatShare(share)}`,
		}));
		return { label, index, points, endLabel: `${label} ${formatShare(path.connectedShare.at(-1) ?? 0)}` };
	});
	const layers = series[0]?.points.length ?? 1;
	const every = Array.from({ length: layers }, (_, index) => index + 1);
	const x: Axis = {
		type: "linear",
		label: "layers",
		domain: layers > 1 ? [1, layers] : [0.5, 1.5],
		ticks: thinned(every),
		format: String,
	};
	const y: Axis = {
		type: "linear",
		label: "",
		domain: [0, 1.03],
		ticks: linearTicks([0, 1]),
		format: (share) => `${Math.round(share * 100)} %`,
	};
	const said = series.map(({ endLabel }) => endLabel).join(", ");
	return linePlot(series, x, y, `Share of connected pairs against layers with ${attention}, at the end: ${said}`);
}

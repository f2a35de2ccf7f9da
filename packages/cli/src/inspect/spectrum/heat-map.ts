import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { SpectrumResult } from "./result.js";
import { formatCumulative, heatText } from "./tables.js";

const cell = { width: 64, height: 40 } as const;
const margin = { top: 10, right: 12, bottom: 46, left: 56 } as const;
/** That of the other plots, so that letters are of one size beside them. */
const smallestWidth = 560;
/** Shares are coloured from the smallest, rounded down to a tenth, to 1. */
const colors = { low: "#e8f0f8", high: "#08457e", onLow: "#1a1d23", onHigh: "#ffffff" } as const;

/** Layers from bottom to top and heads from left to right, coloured and labelled by s(r), as SVG text. */
export function heatMap(result: SpectrumResult): string {
	const { document } = parseHTML("<!doctype html><html><body></body></html>");
	const { heads, config } = result;
	const lowest = Math.floor(Math.min(...heads.map(({ heatShare }) => heatShare)) * 10) / 10;
	const middle = (lowest + 1) / 2;
	const width = Math.max(smallestWidth, margin.left + margin.right + config.heads * cell.width);
	const place = { x: "head", y: "layer" } as const;
	const plot = Plot.plot({
		document,
		width,
		height: margin.top + margin.bottom + config.layers * cell.height,
		marginTop: margin.top,
		marginRight: margin.right,
		marginBottom: margin.bottom,
		marginLeft: margin.left,
		ariaLabel: `Heat map of ${heatText(result)}, by layer and head`,
		style: { fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
		x: { type: "band", label: "head", labelAnchor: "center", labelArrow: "none", tickSize: 0, padding: 0.04 },
		y: {
			type: "band",
			label: "layer",
			labelAnchor: "center",
			labelArrow: "none",
			tickSize: 0,
			padding: 0.04,
			reverse: true,
		},
		color: { type: "linear", domain: [lowest, 1], range: [colors.low, colors.high], interpolate: "rgb" },
		marks: [
			Plot.cell(heads, { ...place, fill: "heatShare" }),
			Plot.text(heads, {
				...place,
				text: ({ heatShare }) => formatCumulative(heatShare),
				fill: ({ heatShare }) => (heatShare > middle ? colors.onHigh : colors.onLow),
			}),
		],
	});
	plot.setAttribute("role", "img");
	return plot.outerHTML;
}

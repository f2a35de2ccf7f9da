import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { endLabels, type Series, seriesMarks } from "./series.js";

const size = { width: 560, height: 380 } as const;
const margin = { top: 16, bottom: 44, left: 68 } as const;
const labelMargin = { least: 90, most: 250, perCharacter: 7.4, space: 18 } as const;

/** Room at the right for the longest label. */
function marginFor(series: readonly Series[]): number {
	const { least, most, perCharacter, space } = labelMargin;
	const longest = Math.max(0, ...series.map(({ points, endLabel }) => (points.length > 0 ? endLabel.length : 0)));
	return Math.min(most, Math.max(least, space + perCharacter * longest));
}

/** An axis of a plot. */
export interface Axis {
	readonly type: "log" | "linear";
	readonly label: string;
	readonly domain: readonly [number, number];
	readonly ticks: readonly number[];
	readonly format: (value: number) => string;
}

/** A plot of lines as SVG text. `description` is read out in place of the picture. */
export function linePlot(series: readonly Series[], x: Axis, y: Axis, description: string): string {
	const { document } = parseHTML("<!doctype html><html><body></body></html>");
	const place = y.type === "log" ? Math.log : (value: number) => value;
	const toPixel = (value: number) => {
		const [low, high] = y.domain.map(place) as [number, number];
		return (
			size.height - margin.bottom - ((place(value) - low) / (high - low)) * (size.height - margin.top - margin.bottom)
		);
	};
	const axis = ({ type, domain }: Axis) => ({ type, domain: [...domain] });
	const plot = Plot.plot({
		document,
		...size,
		marginTop: margin.top,
		marginRight: marginFor(series),
		marginBottom: margin.bottom,
		marginLeft: margin.left,
		ariaLabel: description,
		style: { fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
		x: axis(x),
		y: axis(y),
		marks: [
			Plot.gridX([...x.ticks], { stroke: "var(--grid)", strokeOpacity: 1 }),
			Plot.gridY([...y.ticks], { stroke: "var(--grid)", strokeOpacity: 1 }),
			// `text`, not `tickFormat`: that one leaves out ticks it takes for too many.
			Plot.axisX([...x.ticks], {
				text: x.format,
				tickSize: 0,
				label: x.label,
				labelAnchor: "center",
				labelArrow: "none",
			}),
			Plot.axisY([...y.ticks], { text: y.format, tickSize: 0, label: null }),
			series.flatMap(seriesMarks),
			endLabels(series, toPixel),
		],
	});
	plot.setAttribute("role", "img");
	return plot.outerHTML;
}

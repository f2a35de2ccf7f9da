import type { Markish } from "@observablehq/plot";
import * as Plot from "@observablehq/plot";

/** Number of colours the page's style defines, `--series-0` and so on. */
export const seriesColors = 8;

const symbols = ["circle", "square", "triangle", "diamond2", "cross", "star", "wye", "hexagon"] as const;

/** Colour of the attention at a place of the list. */
export function colorOf(index: number): string {
	return `var(--series-${index % seriesColors})`;
}

/** One attention's line in a plot. */
export interface Series {
	readonly label: string;
	/** Text at the end of its line. */
	readonly endLabel: string;
	readonly index: number;
	/** Whether its points have marks. Default: true. */
	readonly marked?: boolean;
	readonly points: readonly { readonly x: number; readonly y: number; readonly title: string }[];
}

/** Line and markers of a series; colour and marker both tell which it is. */
export function seriesMarks({ index, points, marked = true }: Series): Markish[] {
	const color = colorOf(index);
	// Where colours repeat, the other marks do not go with the same ones again.
	const style = index + Math.floor(index / seriesColors);
	// Every other line is dashed, so that one it covers is still seen.
	const dash = style % 2 === 0 ? "none" : "9 5";
	return [
		Plot.line(points, {
			x: "x",
			y: "y",
			stroke: color,
			strokeWidth: 2.25,
			strokeDasharray: dash,
			strokeLinejoin: "round",
		}),
		Plot.dot(marked ? points : [], {
			x: "x",
			y: "y",
			title: "title",
			symbol: symbols[style % symbols.length] ?? "circle",
			fill: color,
			stroke: "var(--surface)",
			strokeWidth: 1.5,
			r: 4.5,
		}),
	];
}

const labelDistance = 17;
const topLabel = 10;

/**
 * Labels in a column at the right edge, at the height of the lines' ends, moved apart where they would overlap. A dotted
 * leader goes to it from a line that ends before the edge. `toPixel`: height of a value on the plot.
 */
export function endLabels(series: readonly Series[], toPixel: (y: number) => number): Markish[] {
	const ends = series.flatMap(({ points, endLabel, index }) => {
		const last = points[points.length - 1];
		return last ? [{ ...last, endLabel, index, pixel: toPixel(last.y) }] : [];
	});
	const edge = Math.max(...ends.map(({ x }) => x));
	ends.sort((a, b) => a.pixel - b.pixel);
	const apart = spread(ends.map(({ pixel }) => pixel));
	// Labels that would be pushed beyond the top of the plot start there.
	const overshoot = Math.max(0, topLabel - (apart[0] ?? topLabel));
	const places = apart.map((place) => place + overshoot);
	return ends.flatMap(({ x, y, endLabel, index, pixel }, order) => {
		const color = colorOf(index);
		const leader = [x, edge].map((end) => ({ x: end, y }));
		const label = { text: [endLabel], dx: 10, dy: (places[order] as number) - pixel, textAnchor: "start" } as const;
		return [
			...(x < edge
				? [Plot.line(leader, { x: "x", y: "y", stroke: color, strokeDasharray: "1 5", strokeLinecap: "round" })]
				: []),
			Plot.text([{ x: edge, y }], { x: "x", y: "y", ...label, fill: color, fontSize: 12.5, fontWeight: 600 }),
		];
	});
}

/** Ascending places moved apart as little as it takes for each to be `labelDistance` from the next. */
export function spread(places: readonly number[]): number[] {
	const moved = [...places];
	// Pushing neighbours apart by half of what is missing settles after as many rounds as there are places.
	for (let round = 0; round < 50; round++)
		for (let index = 1; index < moved.length; index++) {
			const missing = labelDistance - ((moved[index] as number) - (moved[index - 1] as number));
			if (missing <= 0) continue;
			moved[index - 1] = (moved[index - 1] as number) - missing / 2;
			moved[index] = (moved[index] as number) + missing / 2;
		}
	return moved;
}

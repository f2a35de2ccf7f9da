import { formatCount } from "../../output/format.js";
import { type Axis, linePlot } from "../../report/line-plot.js";
import type { Series } from "../../report/series.js";
import { linearTicks } from "../../report/ticks.js";
import type { CurvePoint } from "./curve.js";

/** A curve over the steps of a run. */
export interface Curve {
	/** What its values are, for who cannot see the picture. */
	readonly label: string;
	/** Place in the order of colours. */
	readonly index: number;
	/** Whether each point has a mark: where they are few. */
	readonly marked: boolean;
	readonly points: readonly CurvePoint[];
	readonly format: (value: number) => string;
	/** Whether the axis starts at 0. */
	readonly fromZero: boolean;
}

const room = 0.06;

/** The curve as SVG text; null where there is nothing to draw. */
export function curvePlot({ label, index, marked, points: given, format, fromZero }: Curve): string | null {
	const points = given.filter(({ value }) => Number.isFinite(value));
	const [first, last] = [points[0], points.at(-1)];
	if (!first || !last) return null;
	const values = points.map(({ value }) => value);
	const [low, high] = [fromZero ? 0 : Math.min(...values), Math.max(...values)];
	const space = room * (high - low) || room * Math.abs(high) || 1;
	const domain = [fromZero ? 0 : low - space, high + space] as const;
	const steps = [Math.min(first.step, last.step - 1), last.step] as const;
	const series: Series = {
		label,
		index,
		endLabel: format(last.value),
		marked,
		points: points.map(({ step, value }) => ({ x: step, y: value, title: `step ${step}: ${format(value)}` })),
	};
	const x: Axis = { type: "linear", label: "step", domain: steps, ticks: linearTicks(steps), format: formatCount };
	const tick = (value: number) => (high >= 1000 ? formatCount(value) : String(Number(value.toPrecision(6))));
	const y: Axis = { type: "linear", label: "", domain, ticks: linearTicks(domain), format: tick };
	return linePlot([series], x, y, `${label} against steps, at the end: ${series.endLabel}`);
}

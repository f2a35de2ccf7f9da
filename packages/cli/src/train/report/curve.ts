import { RunningMean } from "../running-mean.js";

/** A point of a curve over steps. */
export interface CurvePoint {
	readonly step: number;
	readonly value: number;
}

/** Most points of a curve that is drawn. */
const mostPoints = 300;
/** What a smoothed curve looks back on: a part of it, and the fewest points. */
const smoothedSpan = { share: 0.02, least: 10 } as const;

/** A curve with running means in place of its values, over a fiftieth of it and no fewer than ten. */
export function smoothed(points: readonly CurvePoint[]): CurvePoint[] {
	const mean = new RunningMean(Math.max(smoothedSpan.least, Math.round(smoothedSpan.share * points.length)));
	return points.map(({ step, value }) => {
		mean.add(value);
		return { step, value: mean.value };
	});
}

/** No more points than a picture shows: the means of neighbours. The last point is that of the curve. */
export function thinned(points: readonly CurvePoint[]): CurvePoint[] {
	const size = Math.ceil(points.length / mostPoints);
	if (size <= 1) return [...points];
	const last = points.at(-1) as CurvePoint;
	const means: CurvePoint[] = [];
	for (let first = 0; first < points.length; first += size) {
		const group = points.slice(first, first + size);
		const mean = (of: (point: CurvePoint) => number) => group.reduce((sum, point) => sum + of(point), 0) / group.length;
		means.push({ step: mean(({ step }) => step), value: mean(({ value }) => value) });
	}
	means[means.length - 1] = last;
	return means;
}

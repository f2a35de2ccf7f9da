import type { Row } from "./section.js";

/** Milliseconds of exact attention at a length beyond the last two measured, as a n + b n²: the projections and the pairs. */
export function extrapolated(rows: readonly Row[], length: number): number {
	const [near, far] = rows.filter(({ exact }) => !exact.extrapolated).slice(-2) as [Row, Row];
	const [perNear, perFar] = [near, far].map((row) => row.exact.milliseconds / row.length) as [number, number];
	const pair = (perFar - perNear) / (far.length - near.length);
	const token = perNear - pair * near.length;
	return length * (token + pair * length);
}

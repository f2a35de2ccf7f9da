/** A quantity at one length. */
export interface GrowthPoint {
	readonly n: number;
	readonly value: number;
}

/** Lengths shorter than the longest by more than this factor are left out: fixed costs rule there. */
const fittedRange = 16;
const fewestPoints = 3;

/**
 * The exponent e of value ∝ n^e: slope of the least-squares line through (log n, log value) over the lengths from a
 * sixteenth of the longest on, or over all where that leaves fewer than three. Null with fewer than three different lengths.
 */
export function growthExponent(points: readonly GrowthPoint[]): number | null {
	const usable = points.filter(({ n, value }) => n > 0 && value > 0 && Number.isFinite(value));
	const longest = Math.max(...usable.map(({ n }) => n));
	const longer = usable.filter(({ n }) => n * fittedRange >= longest);
	const fitted = (longer.length >= fewestPoints ? longer : usable).map(({ n, value }) => ({
		x: Math.log(n),
		y: Math.log(value),
	}));
	if (new Set(fitted.map(({ x }) => x)).size < fewestPoints) return null;
	const meanX = fitted.reduce((sum, { x }) => sum + x, 0) / fitted.length;
	const meanY = fitted.reduce((sum, { y }) => sum + y, 0) / fitted.length;
	const covariance = fitted.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
	const variance = fitted.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
	return covariance / variance;
}

/** The slope of a straight line through (log x, log y) by least squares: y grows like x to that power. */
export function growthExponent(points: readonly { readonly x: number; readonly y: number }[]): number {
	const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
	const mean = (values: number[]) => values.reduce((total, value) => total + value, 0) / values.length;
	const [meanX, meanY] = [mean(logs.map(({ x }) => x)), mean(logs.map(({ y }) => y))];
	let covariance = 0;
	let variance = 0;
	for (const { x, y } of logs) {
		covariance += (x - meanX) * (y - meanY);
		variance += (x - meanX) ** 2;
	}
	return covariance / variance;
}

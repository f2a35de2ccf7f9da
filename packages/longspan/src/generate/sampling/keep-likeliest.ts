import { LargestFirst } from "./largest-first.js";

/**
 * Sets all but the `count` largest weights to 0, in place; of equal weights the lower indices stay (top-k sampling, Fan et al. 2018,
 * arXiv 1805.04833).
 */
export function keepTopK(weights: Float64Array, count: number): void {
	if (count < weights.length) keepFirst(weights, new LargestFirst(weights, 0), (kept) => kept < count);
}

/**
 * Sets all weights to 0, in place, but the largest ones that together make up at least the share `topP` of all (nucleus sampling,
 * Holtzman et al. 2020, arXiv 1904.09751).
 *
 * @param least keeps as many at least
 */
export function keepTopP(weights: Float64Array, topP: number, least = 1): void {
	const target = topP * sumOf(weights);
	keepFirst(weights, new LargestFirst(weights, 0), (kept, sum) => sum < target || kept < least);
}

/**
 * Sets weights below the share `minP` of the largest to 0, in place (min-p sampling, Nguyen et al. 2024, arXiv 2407.01082).
 *
 * @param least keeps as many at least
 */
export function keepMinP(weights: Float64Array, minP: number, least = 1): void {
	const limit = minP * weights.reduce((most, weight) => Math.max(most, weight), 0);
	keepTopK(
		weights,
		Math.max(
			least,
			weights.reduce((count, weight) => count + (weight >= limit ? 1 : 0), 0),
		),
	);
}

/**
 * Sets all weights to 0, in place, but those whose information is closest to the entropy and that together make up at least the share
 * `typicalP` of all (locally typical sampling, Meister et al. 2023, arXiv 2202.00666).
 *
 * @param least keeps as many at least
 */
export function keepTypical(weights: Float64Array, typicalP: number, least = 1): void {
	const sum = sumOf(weights);
	const information = weights.map((weight) => -Math.log(weight / sum));
	const entropy = weights.reduce(
		(total, weight, id) => (weight === 0 ? total : total + (weight / sum) * (information[id] as number)),
		0,
	);
	const closeness = information.map((value) => -Math.abs(value - entropy));
	keepFirst(weights, new LargestFirst(closeness), (kept, passed) => passed < typicalP * sum || kept < least);
}

export function sumOf(weights: Float64Array): number {
	let sum = 0;
	for (const weight of weights) sum += weight;
	return sum;
}

/** Keeps weights in this order while more are wanted, given how many are kept and their sum. */
function keepFirst(weights: Float64Array, order: LargestFirst, more: (kept: number, sum: number) => boolean): void {
	const kept: [index: number, weight: number][] = [];
	for (let sum = 0; more(kept.length, sum); ) {
		const index = order.take();
		if (index === undefined) return;
		const weight = weights[index] as number;
		kept.push([index, weight]);
		sum += weight;
	}
	weights.fill(0);
	for (const [index, weight] of kept) weights[index] = weight;
}

/** Probabilities that sum to 1, from scores, in float64. */
export function probabilitiesOf(scores: ArrayLike<number>): Float64Array {
	const out = new Float64Array(scores);
	let most = Number.NEGATIVE_INFINITY;
	for (let index = 0; index < out.length; index++) most = Math.max(most, out[index] as number);
	let total = 0;
	for (let index = 0; index < out.length; index++) total += out[index] = Math.exp((out[index] as number) - most);
	for (let index = 0; index < out.length; index++) out[index] = (out[index] as number) / total;
	return out;
}

/** The probability of each score by itself, in float64. */
export function independentProbabilitiesOf(scores: ArrayLike<number>): Float64Array {
	return Float64Array.from(scores, (score) => 1 / (1 + Math.exp(-score)));
}

/** The indices of the `count` highest values, the highest first; of equal ones the first. */
export function highest(values: ArrayLike<number>, count: number): number[] {
	const best: number[] = [];
	const scoreOf = (index: number) => values[index] as number;
	for (let index = 0; index < values.length; index++) {
		if (best.length === count && !(scoreOf(index) > scoreOf(best[count - 1] as number))) continue;
		let low = 0;
		for (let high = best.length; low < high; ) {
			const middle = (low + high) >> 1;
			if (scoreOf(best[middle] as number) >= scoreOf(index)) low = middle + 1;
			else high = middle;
		}
		best.splice(low, 0, index);
		if (best.length > count) best.pop();
	}
	return best;
}

/** log Σ exp of values given one after the other, in float64. */
export class LogSumExp {
	#highest = Number.NEGATIVE_INFINITY;
	#sum = 0;

	add(value: number): void {
		if (value > this.#highest) {
			this.#sum = this.#sum * Math.exp(this.#highest - value) + 1;
			this.#highest = value;
		} else if (value > Number.NEGATIVE_INFINITY) this.#sum += Math.exp(value - this.#highest);
	}

	/** Negative infinity without values. */
	get value(): number {
		return this.#highest + Math.log(this.#sum);
	}
}

/** A mean of vectors with weights, in float64. */
export class WeightedMean {
	readonly #sums: Float64Array;
	#weight = 0;

	constructor(width: number) {
		this.#sums = new Float64Array(width);
	}

	add(values: ArrayLike<number>, weight: number): void {
		for (let index = 0; index < this.#sums.length; index++)
			this.#sums[index] = (this.#sums[index] as number) + (values[index] as number) * weight;
		this.#weight += weight;
	}

	/** Adds vectors by their sum, each with weight 1. */
	addSum(sum: ArrayLike<number>, count: number): void {
		for (let index = 0; index < this.#sums.length; index++)
			this.#sums[index] = (this.#sums[index] as number) + (sum[index] as number);
		this.#weight += count;
	}

	get value(): Float64Array {
		return this.#sums.map((sum) => sum / this.#weight);
	}
}

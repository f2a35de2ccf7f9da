import { OptionError } from "../../errors.js";

/** Whose rule finds the number of buckets from the length. */
export type AutoBuckets = "trax" | "hf" | "lucidrains";

/** The largest number of buckets, so that a code fits an int32 with one more bucket for padding. */
const mostBuckets = 2 ** 31 - 2;
const mostFactors = 16;

/** Checks a bucket count, or its factors: even numbers, because x and -x hash to opposite halves. */
export function checkBuckets(name: string, buckets: number | readonly number[] | "auto"): void {
	if (buckets === "auto") return;
	const factors = typeof buckets === "number" ? [buckets] : buckets;
	if (!Array.isArray(factors) || factors.length === 0 || factors.length > mostFactors)
		throw new OptionError(
			`${name}: buckets is ${String(buckets)}; expected an even number, 1 to ${mostFactors} even factors, or "auto"`,
		);
	for (const factor of factors)
		if (!Number.isSafeInteger(factor) || factor < 2 || factor % 2 !== 0)
			throw new OptionError(
				`${name}: buckets is ${factors.join(" x ")}; expected even numbers of at least 2, as each rotation and its opposite are a pair of buckets`,
			);
	if (bucketCount(factors) > mostBuckets)
		throw new OptionError(`${name}: buckets is ${factors.join(" x ")}; expected fewer than 2^31 - 1 in all`);
}

/** Number of buckets of these factors. */
export function bucketCount(factors: readonly number[]): number {
	return factors.reduce((product, factor) => product * factor, 1);
}

/**
 * Factors of the number of buckets at a length: those given, or the rule of an implementation. All aim at chunks of about half a
 * bucket (trax, hf: 2 buckets a chunk) or one (lucidrains).
 */
export function bucketFactors(
	buckets: number | readonly number[] | "auto",
	rule: AutoBuckets,
	length: number,
	chunkLength: number,
): readonly number[] {
	if (buckets !== "auto") return typeof buckets === "number" ? [buckets] : buckets;
	const chunks = Math.ceil(length / chunkLength);
	if (rule === "lucidrains") return [2 * Math.ceil(chunks / 2)];
	if (rule === "trax") {
		const count = 2 * chunks;
		if (count <= 128) return [count];
		const first = 2 ** Math.ceil(Math.log2(Math.sqrt(count)));
		return [first, 2 * Math.floor(count / (2 * first))];
	}
	// The length stands for the longest position that a configuration names there.
	const power = 31 - Math.clz32(2 * chunks);
	const limit = 2 * Math.max(Math.floor(Math.sqrt(chunks)), chunkLength);
	if (2 ** power <= limit) return [2 ** power];
	const first = Math.floor(power / 2);
	return [2 ** first, 2 ** (power - first)];
}

import type { ReformerConfig } from "./config.js";

function chunkLengths({ layers, lsh, local }: ReformerConfig): number[] {
	return [...new Set(layers)].map((kind) => (kind === "lsh" ? lsh : local).chunkLength);
}

function commonMultiple(a: number, b: number): number {
	const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
	return (a / divisor(a, b)) * b;
}

/**
 * The length at which a sequence is computed: the next multiple of the chunk lengths of all kinds of layers; its own where it is no
 * longer than the shortest of them.
 */
export function paddedLength(config: ReformerConfig, length: number): number {
	const lengths = chunkLengths(config);
	if (length <= Math.min(...lengths)) return length;
	const multiple = lengths.reduce(commonMultiple);
	return Math.ceil(length / multiple) * multiple;
}

/** The longest input: one that has positions even when it is padded. */
export function longestInput(config: ReformerConfig): number {
	const { axial, maxPositions } = config;
	const positions = Math.min(
		maxPositions,
		axial ? axial.shape.reduce((product, size) => product * size, 1) : maxPositions,
	);
	const lengths = chunkLengths(config);
	const multiple = lengths.reduce(commonMultiple);
	return Math.max(Math.floor(positions / multiple) * multiple, Math.min(positions, ...lengths));
}

/**
 * Factors of the number of buckets for a length of whole chunks: those of the config, else a power of two near two buckets a chunk, in
 * two factors where it is large. transformers fixes that number at the first call of a model; here it follows the length of each.
 */
export function bucketFactorsAt({ buckets, lsh, maxPositions }: ReformerConfig, length: number): readonly number[] {
	if (buckets) return buckets;
	const { chunkLength } = lsh;
	// A sequence of a chunk at most is not hashed; mechanisms want a number of buckets all the same.
	const chunks = Math.max(1, Math.floor(length / chunkLength));
	const power = 31 - Math.clz32(2 * chunks);
	const most = 2 * Math.max(Math.floor(Math.sqrt(Math.floor(maxPositions / chunkLength))), chunkLength);
	if (2 ** power <= most) return [2 ** power];
	const first = Math.floor(power / 2);
	return [2 ** first, 2 ** (power - first)];
}

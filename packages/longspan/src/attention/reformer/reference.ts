import { add, div, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { mean } from "../../ops/reduce.js";
import { softmax } from "../../ops/softmax.js";
import { sqrt } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { filled, intTensor, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { bucketCount, bucketFactors } from "./buckets.js";
import { drawRotations, hashTokens } from "./hash.js";
import { type ReformerOptions, type ReformerSettings, reformerSettings } from "./options.js";

/** What one call is given beside the options of the mechanism. */
interface Call {
	keyMask?: Tensor<"int32"> | undefined;
	rotations?: Tensor | undefined;
}

/**
 * LSH attention by its definition: softmax(scores + log M) v, where M counts the places (round, chunk beside the own one) in which a
 * query sees a key, the own position has the score -1e5, and what is not seen is hidden.
 */
export function reformerReference(q: Tensor, v: Tensor, options: ReformerOptions & Call): Tensor {
	const { keyMask, rotations, ...rest } = options;
	const settings = reformerSettings("reformer", rest);
	const [batch, heads, length, headDim] = q.shape as [number, number, number, number];
	return scope(() => {
		const mask = keyMask?.dataSync() ?? null;
		const counts = new Float64Array(batch * heads * length * length);
		const hash = length > settings.fullAttentionBelow ? bucketsOf(q, settings, rotations, mask) : null;
		for (let entry = 0; entry < batch * heads; entry++) {
			const M = hash ? countPlaces(hash[entry] as number[][], length, settings) : null;
			for (let i = 0; i < length; i++)
				for (let j = 0; j < length; j++) {
					const shown = (settings.causal && j > i) || mask?.[Math.floor(entry / heads) * length + j] === 0 ? 0 : 1;
					counts[(entry * length + i) * length + j] = shown * (M ? (M[i * length + j] as number) : 1);
				}
		}
		const shape = [batch, heads, length, length];
		const own = intTensor(
			Array.from(counts, (_, at) => Number(at % length === Math.floor(at / length) % length)),
			shape,
			q.device,
		);
		return attendCounted(q, v, { counts, shape, own, headDim }, settings);
	});
}

function attendCounted(
	q: Tensor,
	v: Tensor,
	{ counts, shape, own, headDim }: { counts: Float64Array; shape: number[]; own: Tensor<"int32">; headDim: number },
	{ keyScale, excludeSelf }: ReformerSettings,
): Tensor {
	const squares = mean(mul(q, q), { axes: -1, keepDims: true });
	const keys = keyScale === "rms" ? div(q, sqrt(add(squares, 1e-6))) : div(q, sqrt(mul(squares, headDim)));
	const scores = mul(matmul(q, keys, { transposeB: true }), 1 / Math.sqrt(headDim));
	const visible = intTensor(
		Array.from(counts, (count) => Number(count > 0)),
		shape,
		q.device,
	);
	const logCounts = tensor(
		counts.map((count) => Math.log(count || 1)),
		shape,
		q.device,
	);
	const seen = where(visible, add(scores, logCounts), filled([], Number.NEGATIVE_INFINITY, q.device));
	return matmul(softmax(excludeSelf ? where(own, filled([], -1e5, q.device), seen) : seen), v);
}

/** The buckets of each round, by batch entry and head. Golden tests hold the hash itself against stored buckets. */
function bucketsOf(
	q: Tensor,
	{ buckets, autoBuckets, chunkLength, numHashes: rounds, seed }: ReformerSettings,
	rotations: Tensor | undefined,
	mask: Int32Array | null,
): number[][][] {
	const [batch, heads, length, headDim] = q.shape as [number, number, number, number];
	const factors = bucketFactors(buckets, autoBuckets, length, chunkLength);
	const codes = hashTokens(q, rotations ?? drawRotations({ heads, headDim, rounds, factors }, seed, q.device), factors);
	const isHidden = (entry: number, t: number) => mask?.[Math.floor(entry / heads) * length + t] === 0;
	return Array.from({ length: batch * heads }, (_, entry) =>
		codes.map((ofRound) =>
			Array.from(ofRound.subarray(entry * length, (entry + 1) * length), (code, t) =>
				isHidden(entry, t) ? bucketCount(factors) : code,
			),
		),
	);
}

/** M of one batch entry and head: how many times each query sees each key. */
function countPlaces(buckets: readonly number[][], length: number, settings: ReformerSettings): Int32Array {
	const { chunkLength, before, after, wrap, bucketMask, removeDuplicates } = settings;
	const M = new Int32Array(length * length);
	const chunks = Math.ceil(length / chunkLength);
	const all: { round: number; tokens: number[] }[] = buckets.flatMap((codes, round) => {
		const order = codes.map((_, t) => t).sort((s, t) => (codes[s] as number) - (codes[t] as number) || s - t);
		return Array.from({ length: chunks }, (_, chunk) => ({
			round,
			tokens: order.slice(chunk * chunkLength, (chunk + 1) * chunkLength),
		}));
	});
	const [total, modulo] = [all.length, (value: number, by: number) => ((value % by) + by) % by];
	all.forEach(({ round, tokens }, place) => {
		for (let next = place - before; next <= place + after; next++) {
			const beyond = next < round * chunks || next >= (round + 1) * chunks;
			if (beyond && wrap === "none") continue;
			const target = wrap === "circular" ? modulo(next, total) : round * chunks + modulo(next, chunks);
			const other = all[target] as (typeof all)[number];
			for (const i of tokens)
				for (const j of other.tokens) {
					const codes = buckets[round] as number[];
					if (bucketMask && (other.round !== round || codes[i] !== codes[j])) continue;
					const at = i * length + j;
					M[at] = removeDuplicates ? 1 : (M[at] as number) + 1;
				}
		}
	});
	return M;
}

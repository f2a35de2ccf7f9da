import type { SoftmaxAttentionArguments, SoftmaxAttentionKernels } from "../backend.js";
import { floats, integers } from "./buffers.js";
import { addScaled, dot, logSumExpParts } from "./vectors.js";
import { forEachQuery, type VisibleKeys } from "./visible-keys.js";
import type { WorkCounter } from "./work-counter.js";

/** One query of one head: its row in q and out, and the first rows of the head in k and v, as element offsets. */
interface QueryRow {
	/** Row of [batch, heads, queryLength]. */
	readonly row: number;
	readonly keyStart: number;
	readonly valueStart: number;
	readonly keys: VisibleKeys;
	/** scale q·k + logWeight for every visible key. */
	readonly scores: Float64Array;
}

/**
 * Visits every query of every head with its scores. Counts the tiles, and `width` multiply-adds for every visible pair: the
 * least work there is, where a device computes whole tiles.
 */
function forEachScoredQuery(
	args: SoftmaxAttentionArguments,
	work: WorkCounter,
	width: number,
	visit: (query: QueryRow) => void,
): void {
	const { batch, heads, queryLength, keyLength, headDim, valueDim, plans, scale } = args;
	const q = floats(args.q);
	const k = floats(args.k);
	const keyMask = args.keyMask && integers(args.keyMask);
	for (let head = 0; head < batch * heads; head++) {
		const keyStart = head * keyLength * headDim;
		const valueStart = head * keyLength * valueDim;
		const maskStart = Math.floor(head / heads) * keyLength;
		const isHidden = (key: number): boolean => keyMask !== null && keyMask[maskStart + key] === 0;
		work.tiles += forEachQuery({ plans, head, queryLength, keyLength, isHidden }, (query, keys) => {
			const row = head * queryLength + query;
			const scores = Float64Array.from(keys.positions, (key, i) => {
				return scale * dot(q, row * headDim, k, keyStart + key * headDim, headDim) + keys.logWeights[i]!;
			});
			work.flops += 2 * scores.length * width;
			visit({ row, keyStart, valueStart, keys, scores });
		});
	}
}

/** Softmax attention over the pairs of a tile plan. A query stands in at most one slot of a plan. */
export function softmaxAttentionKernels(
	work: WorkCounter,
): Pick<SoftmaxAttentionKernels, "softmaxAttention" | "softmaxAttentionGradient"> {
	return {
		softmaxAttention(args) {
			const { valueDim, headDim } = args;
			const v = floats(args.v);
			const out = floats(args.out).fill(0);
			const total = floats(args.logSumExp).fill(-Infinity);
			forEachScoredQuery(args, work, headDim + valueDim, ({ row, valueStart, keys, scores }) => {
				const { largest, logRest } = logSumExpParts(scores);
				if (largest === -Infinity) return;
				total[row] = largest + logRest;
				keys.positions.forEach((key, i) => {
					const probability = Math.exp(scores[i]! - largest - logRest);
					addScaled(out, row * valueDim, probability, v, valueStart + key * valueDim, valueDim);
				});
			});
		},

		/**
		 * With probabilities p_j = exp(s_j - logSumExp): ds_j = p_j (dOut·v_j - dOut·out + dLogSumExp), dv_j = p_j dOut,
		 * dq = scale sum_j ds_j k_j, dk_j = scale ds_j q.
		 */
		softmaxAttentionGradient(args) {
			const { valueDim, headDim, scale } = args;
			const [q, k, v] = [floats(args.q), floats(args.k), floats(args.v)];
			const [out, total, dOut] = [floats(args.out), floats(args.logSumExp), floats(args.dOut)];
			const dTotal = args.dLogSumExp && floats(args.dLogSumExp);
			const [dq, dk, dv] = [floats(args.dq).fill(0), floats(args.dk).fill(0), floats(args.dv).fill(0)];
			// Scores, dq and dk take headDim products a pair, dOut·v and dv valueDim.
			forEachScoredQuery(args, work, 3 * headDim + 2 * valueDim, ({ row, keyStart, valueStart, keys, scores }) => {
				if (total[row] === -Infinity) return;
				const mean = dot(dOut, row * valueDim, out, row * valueDim, valueDim);
				const shift = (dTotal ? dTotal[row]! : 0) - mean;
				keys.positions.forEach((key, i) => {
					const keyRow = keyStart + key * headDim;
					const valueRow = valueStart + key * valueDim;
					const probability = Math.exp(scores[i]! - total[row]!);
					const dScore = probability * (dot(dOut, row * valueDim, v, valueRow, valueDim) + shift);
					addScaled(dv, valueRow, probability, dOut, row * valueDim, valueDim);
					addScaled(dq, row * headDim, scale * dScore, k, keyRow, headDim);
					addScaled(dk, keyRow, scale * dScore, q, row * headDim, headDim);
				});
			});
		},
	};
}

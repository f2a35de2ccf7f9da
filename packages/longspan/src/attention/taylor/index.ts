import { OptionError, ShapeError } from "../../errors.js";
import { add, div, sub } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkFlag, checkNumber, checkOperands, checkOptions } from "../../ops/operands.js";
import { sum } from "../../ops/reduce.js";
import { concat, slice } from "../../ops/slice.js";
import { transpose } from "../../ops/transpose.js";
import { relu } from "../../ops/unary.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import { countKeys } from "../linear/count-keys.js";
import { startStateDecoding } from "../linear/decoding.js";
import { maskKeys } from "../linear/mask-keys.js";
import { runningState } from "../linear/running-state.js";
import type { LinearState } from "../linear/state.js";
import type { Attention } from "../mechanism.js";
import { attentionSizes } from "../sizes.js";
import { taylorCost } from "./cost.js";
import { firstOrderFeatures, secondOrderFeatures, unitVectors } from "./feature-maps.js";

export interface TaylorOptions {
	/** Each query sees the keys up to its own position only. Default: false. */
	causal?: boolean;
	/** 1: 1 + cosine of q and k. 2, an extension: 1 + s + s² / 2 with s = q·k / sqrt(headDim). Default: 1. */
	order?: 1 | 2;
	/** Length below which vectors shrink to 0 (order 1), and the least denominator. At least 1e-15, default 1e-6. */
	epsilon?: number;
}

/**
 * Linear attention by the Taylor series of the exponential (Li et al. 2020, arXiv 2007.14902), in time and memory proportional to the length:
 * weights 1 + q̂·k̂ of vectors scaled to length 1, which are never negative,
 * out_i = (sum of v_j + q̂_i S) / (count + q̂_i·z) over the visible keys, with S the sum of k̂_j v_jᵀ and z the sum of k̂_j. There is no
 * other scaling. Queries and keys may differ in length unless causal.
 *
 * Conventions: the length of x is sqrt(|x|² + epsilon²), so that a zero vector weighs all keys alike. The denominator is at least
 * epsilon: where all visible keys point away from the query, whose weights are then all 0, the output is finite, and 0 if there is no
 * visible key.
 *
 * `order: 2` is the feature map of Based (Arora et al. 2024, arXiv 2402.18668): 1 + headDim + headDim² features for each position, all in
 * memory at once. It is meant for a headDim of 16 or so; `cost` tells the bytes.
 *
 * @throws OptionError for another order or an epsilon below 1e-15
 * @example
 * const out = taylor({ causal: true })(q, k, v);
 */
export function taylor(options: TaylorOptions = {}): Attention {
	const name = "taylor";
	checkOptions(name, options, { causal: true, order: true, epsilon: true });
	const { causal = false, order = 1, epsilon = 1e-6 } = options;
	checkFlag(name, "causal", causal);
	if (order !== 1 && order !== 2) throw new OptionError(`${name}: order is ${String(order)}; expected 1 or 2`);
	checkNumber(name, "epsilon", epsilon, { min: 1e-15 });
	const features = (x: Tensor) => (order === 1 ? firstOrderFeatures(x, epsilon) : secondOrderFeatures(x));
	/** The denominators are the last column of the numerators, for values with a column of ones. */
	const scan = (q: Tensor, k: Tensor, v: Tensor, keyMask?: Tensor<"int32">, initialState?: LinearState) => {
		const { output, finalState } = scope(() =>
			runningState(
				features(q),
				maskKeys(features(k), keyMask, name),
				concat([v, filled([...v.shape.slice(0, 3), 1], 1, v.device)], 3),
				{ normalize: false, initialState },
				name,
			),
		);
		const width = v.shape[3] as number;
		return { output: divide(slice(output, 3, 0, width), slice(output, 3, width), epsilon), finalState };
	};
	return defineAttention(
		(q, k, v, { keyMask }) =>
			scope(() => {
				const { keyLength } = attentionSizes(name, q, k, v);
				if (causal) return scan(q, k, v, keyMask).output;
				if (order === 2) {
					const [mappedQ, mappedK] = [features(q), maskKeys(features(k), keyMask, name)];
					return divide(...throughSums(mappedQ, mappedK, v), epsilon);
				}
				const [unitQ, unitK] = [unitVectors(q, epsilon), maskKeys(unitVectors(k, epsilon), keyMask, name)];
				const [numerator, denominator] = throughSums(unitQ, unitK, v);
				const total = sum(maskKeys(v, keyMask, name), { axes: 2, keepDims: true });
				return divide(add(numerator, total), add(denominator, countKeys(keyLength, keyMask)), epsilon);
			}),
		{
			description: `Taylor${order === 1 ? "" : ", order 2"}${causal ? ", causal" : ""}`,
			causal,
			cost: (length, sizes = {}) => taylorCost(length, sizes, { causal, order }),
			connectivity: () => ({ kind: "state", causal }),
			startDecoding(sizes) {
				checkDecodable(name, causal);
				return startStateDecoding<LinearState>(name, sizes, (q, k, v, { state }) => {
					const { output, finalState } = scan(q, k, v, undefined, state);
					return { output, state: finalState };
				});
			},
		},
	);
}

/** q Σ kᵀv and q·Σ k. */
function throughSums(q: Tensor, k: Tensor, v: Tensor): [Tensor, Tensor] {
	const total = transpose(sum(k, { axes: 2, keepDims: true }), [0, 1, 3, 2]);
	return [matmul(q, matmul(k, v, { transposeA: true })), matmul(q, total)];
}

/** numerator / max(denominator, least). */
function divide(numerator: Tensor, denominator: Tensor, least: number): Tensor {
	return div(numerator, add(relu(sub(denominator, least)), least));
}

/**
 * Taylor attention among the channels instead of the positions (Li et al. 2020, arXiv 2007.14902): the position form on transposed operands, so
 * that each channel of q is a query as long as the sequence, and the output a mixture of the channels of v. Time and memory are
 * proportional to the length. There is no mask: positions that are zero in q and k do not count.
 *
 * @param q [batch, heads, length, queryChannels]
 * @param k [batch, heads, length, channels]
 * @param v [batch, heads, length, channels]
 * @returns [batch, heads, length, queryChannels]
 * @throws ShapeError for other shapes, OptionError for an epsilon below 1e-15
 */
export function channelTaylor(q: Tensor, k: Tensor, v: Tensor, options: Pick<TaylorOptions, "epsilon"> = {}): Tensor {
	const name = "channelTaylor";
	checkOptions(name, options, { epsilon: true });
	const attend = taylor(options);
	for (const [argument, x] of Object.entries({ q, k, v })) {
		checkOperands(name, { [argument]: x });
		if (x.rank !== 4 || !sameShape(x.shape.slice(0, 3), q.shape.slice(0, 3)))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(x.shape)}; expected [batch, heads, length, channels], the first three alike for q, k and v`,
			);
	}
	if (k.shape[3] !== v.shape[3])
		throw new ShapeError(`${name}: k has ${k.shape[3]} channels, v has ${v.shape[3]}; this form needs as many`);
	return scope(() => {
		const [tq, tk, tv] = [q, k, v].map((x) => transpose(x, [0, 1, 3, 2])) as [Tensor, Tensor, Tensor];
		return transpose(attend(tq, tk, tv), [0, 1, 3, 2]);
	});
}

import { isAttention } from "../attention/is-attention.js";
import type { Attention, AttentionWeights } from "../attention/mechanism.js";
import { OptionError } from "../errors.js";
import { broadcastTo } from "../ops/broadcast.js";
import { matmul } from "../ops/matmul.js";
import { checkFlag, checkNumber, checkOptions, describe, type OptionNames } from "../ops/operands.js";
import { reshape } from "../ops/reshape.js";
import { transpose } from "../ops/transpose.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { joinSessions, type Layer } from "./layer.js";
import { rotary } from "./positions/rotary.js";

export interface MultiHeadOptions {
	/** Width of input and output, a multiple of `heads`. */
	dim: number;
	heads: number;
	/**
	 * Heads of keys and values, a divisor of `heads`: each serves heads / keyValueHeads queries (Ainslie et al. 2023,
	 * arXiv 2305.13245). Default: heads.
	 */
	keyValueHeads?: number | undefined;
	attention: Attention;
	/** Whether queries and keys are turned by their positions (`rotary`). Default: false. */
	rotary?: boolean;
	/** Factor of the deviation of the output weights. Default: 1. */
	outputScale?: number;
}

export const multiHeadOptionNames: OptionNames<MultiHeadOptions> = {
	dim: true,
	heads: true,
	keyValueHeads: true,
	attention: true,
	rotary: true,
	outputScale: true,
};

/** Projections of multi-head attention, and the weights of its mechanism, none for most. */
export type MultiHeadParameters = {
	/** [dim, dim] */
	readonly query: Tensor;
	/** [dim, keyValueHeads · headDim]; absent if the mechanism's queries serve as keys. */
	readonly key?: Tensor;
	/** [dim, keyValueHeads · headDim] */
	readonly value: Tensor;
	/** [dim, dim] */
	readonly output: Tensor;
	readonly weights: AttentionWeights;
};

/**
 * Multi-head self-attention (Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2) with any mechanism.
 *
 * @throws OptionError if the numbers of heads do not divide what they must
 */
export function multiHead(options: MultiHeadOptions): Layer<MultiHeadParameters> {
	const name = "multiHead";
	checkOptions(name, options, multiHeadOptionNames);
	const { dim, heads, keyValueHeads = heads, attention, rotary: turns = false, outputScale = 1 } = options;
	for (const [option, value] of Object.entries({ dim, heads, keyValueHeads }))
		checkNumber(name, option, value, { min: 1, integer: true });
	if (dim % heads !== 0) throw new OptionError(`${name}: dim is ${dim}; expected a multiple of heads, ${heads}`);
	if (heads % keyValueHeads !== 0)
		throw new OptionError(`${name}: keyValueHeads is ${keyValueHeads}; expected a divisor of heads, ${heads}`);
	if (!isAttention(attention))
		throw new OptionError(`${name}: attention is ${describe(attention)}; expected one, such as full()`);
	checkFlag(name, "rotary", turns);
	checkNumber(name, "outputScale", outputScale);
	const headDim = dim / heads;
	const turn = turns ? rotary(headDim) : (x: Tensor) => x;

	/** [batch, length, count · headDim] to [batch, count, length, headDim]. */
	const split = (projected: Tensor, count: number): Tensor => {
		const [batch, length] = projected.shape as [number, number];
		return transpose(reshape(projected, [batch, length, count, headDim]), [0, 2, 1, 3]);
	};
	/** Each head of keys or values as often as it serves: [batch, heads, length, headDim]. */
	const shared = (x: Tensor): Tensor => {
		const [batch, count, length] = x.shape as [number, number, number];
		if (count === heads) return x;
		const apart = reshape(x, [batch, count, 1, length, headDim]);
		const repeated = broadcastTo(apart, [batch, count, heads / count, length, headDim]);
		return reshape(repeated, [batch, heads, length, headDim]);
	};
	/** The layer around any way to attend; the first position of x is `position` in its sequence. */
	const around = (
		{ query, key, value, output }: MultiHeadParameters,
		x: Tensor,
		position: number,
		attend: (q: Tensor, k: Tensor, v: Tensor) => Tensor,
	): Tensor =>
		scope(() => {
			const queries = turn(split(matmul(x, query), heads), position);
			const keys = key ? shared(turn(split(matmul(x, key), keyValueHeads), position)) : queries;
			const attended = attend(queries, keys, shared(split(matmul(x, value), keyValueHeads)));
			return matmul(reshape(transpose(attended, [0, 2, 1, 3]), x.shape), output);
		});
	return {
		initialize(draw) {
			const project = (width: number) => draw([dim, width], 1 / Math.sqrt(dim));
			return {
				query: project(dim),
				...(!attention.sharesQueryKey && { key: project(keyValueHeads * headDim) }),
				value: project(keyValueHeads * headDim),
				output: draw([dim, dim], outputScale / Math.sqrt(dim)),
				weights: attention.initialize?.({ heads, headDim, seed: draw.nextSeed() }) ?? {},
			};
		},
		apply: (parameters, x, { keyMask } = {}) =>
			around(parameters, x, 0, (q, k, v) => attention(q, k, v, { keyMask, weights: parameters.weights })),
		startDecoding(batch) {
			const session = attention.startDecoding({ batch, heads, headDim });
			return joinSessions([session], (parameters, x) => around(parameters, x, session.position, session.append));
		},
	};
}

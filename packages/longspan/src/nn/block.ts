import type { AttendOptions, Attention, AttentionWeights } from "../attention/mechanism.js";
import { add } from "../ops/arithmetic.js";
import { matmul } from "../ops/matmul.js";
import { layerNorm } from "../ops/norm.js";
import { gelu } from "../ops/unary.js";
import { ones, zeros } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Initializer } from "./initialize.js";
import { type MultiHeadParameters, multiHeadAttention, multiHeadParameters } from "./multi-head.js";

/** Scale and shift of a layer norm, each [dim]. */
// A type, not an interface: those are no trees of tensors to TypeScript.
export type NormParameters = {
	readonly weight: Tensor;
	readonly bias: Tensor;
};

/** Weights of a transformer block whose residual stream is `dim` wide. */
export type BlockParameters = {
	readonly attentionNorm: NormParameters;
	readonly attention: MultiHeadParameters;
	readonly feedForwardNorm: NormParameters;
	readonly feedForward: {
		/** [dim, 4 dim] */
		readonly inner: Tensor;
		/** [4 dim] */
		readonly innerBias: Tensor;
		/** [4 dim, dim] */
		readonly outer: Tensor;
		/** [dim] */
		readonly outerBias: Tensor;
	};
};

/** A norm that changes nothing yet: scale 1, shift 0. */
export function normParameters(dim: number): NormParameters {
	return { weight: ones([dim]), bias: zeros([dim]) };
}

/**
 * Weights of one of `layers` blocks, normal with the deviation 1 / sqrt(channels in), and zero biases. Projections back to the residual stream start smaller by sqrt(2 layers), so that its scale
 * does not grow with depth (GPT-2, Radford et al. 2019).
 *
 * @param attentionWeights those of the mechanism, empty for most
 */
export function blockParameters(
	dim: number,
	layers: number,
	draw: Initializer,
	attentionWeights: AttentionWeights,
): BlockParameters {
	const inner = 4 * dim;
	const residual = 1 / Math.sqrt(2 * layers);
	return {
		attentionNorm: normParameters(dim),
		attention: multiHeadParameters(dim, draw, residual / Math.sqrt(dim), attentionWeights),
		feedForwardNorm: normParameters(dim),
		feedForward: {
			inner: draw([dim, inner], 1 / Math.sqrt(dim)),
			innerBias: zeros([inner]),
			outer: draw([inner, dim], residual / Math.sqrt(inner)),
			outerBias: zeros([dim]),
		},
	};
}

/**
 * Pre-norm transformer block: x + attention(norm(x)), then x + feedForward(norm(x)) with GELU.
 *
 * @param x [batch, length, dim]
 * @returns [batch, length, dim]
 */
export function transformerBlock(
	x: Tensor,
	parameters: BlockParameters,
	heads: number,
	attend: Attention,
	options: AttendOptions = {},
): Tensor {
	const { attentionNorm, attention, feedForwardNorm, feedForward } = parameters;
	return scope(() => {
		const middle = add(
			x,
			multiHeadAttention(layerNorm(x, attentionNorm.weight, attentionNorm.bias), attention, heads, attend, options),
		);
		const hidden = gelu(
			add(
				matmul(layerNorm(middle, feedForwardNorm.weight, feedForwardNorm.bias), feedForward.inner),
				feedForward.innerBias,
			),
		);
		return add(middle, add(matmul(hidden, feedForward.outer), feedForward.outerBias));
	});
}

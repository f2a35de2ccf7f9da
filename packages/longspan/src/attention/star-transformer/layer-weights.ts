import { OptionError } from "../../errors.js";
import { mul } from "../../ops/arithmetic.js";
import { checkNumber } from "../../ops/operands.js";
import { normal } from "../../ops/random.js";
import { ones, zeros } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

// Types, not interfaces: those are no trees of tensors to TypeScript.

/** Projections of one attention step: from dim to heads * headDim, and back. */
export type StarAttentionWeights = {
	/** [dim, heads * headDim] */
	readonly query: Tensor;
	readonly queryBias: Tensor;
	readonly key: Tensor;
	readonly keyBias: Tensor;
	readonly value: Tensor;
	readonly valueBias: Tensor;
	/** [heads * headDim, dim] */
	readonly output: Tensor;
	readonly outputBias: Tensor;
};

/** Layer normalisation, [dim] each. */
export type StarNormWeights = {
	readonly weight: Tensor;
	readonly bias: Tensor;
};

/** Weights of one Star-Transformer layer. */
export type StarLayerWeights = {
	/** Of the tokens' step. */
	readonly satellite: StarAttentionWeights;
	/** Of the relay node's step. */
	readonly relay: StarAttentionWeights;
	readonly satelliteNorm: StarNormWeights;
	/** Used by normalization "after" only. */
	readonly relayNorm: StarNormWeights;
};

export interface StarLayerSizes {
	/** Width of the nodes. */
	dim: number;
	/** Default: dim / heads. */
	headDim?: number;
	/** Names the random numbers the weights are drawn from. Default: 0. */
	seed?: number;
}

const name = "starTransformerLayer";

/** Draws weights: projections with variance 1 / (width of their input), biases 0, norms 1 and 0. */
export function drawLayerWeights(heads: number, { dim, headDim: given, seed = 0 }: StarLayerSizes): StarLayerWeights {
	checkNumber(name, "dim", dim, { min: 1, integer: true });
	if (given === undefined && dim % heads !== 0)
		throw new OptionError(
			`${name}: dim is ${dim} for ${heads} heads; expected a multiple of ${heads}, or a headDim beside it`,
		);
	const headDim = given ?? dim / heads;
	checkNumber(name, "headDim", headDim, { min: 1, integer: true });
	const width = heads * headDim;
	let stream = 0;
	const draw = (rows: number, columns: number) =>
		scope(() => mul(normal([rows, columns], { seed, stream: stream++ }), 1 / Math.sqrt(rows)));
	const attention = (): StarAttentionWeights => ({
		query: draw(dim, width),
		queryBias: zeros([width]),
		key: draw(dim, width),
		keyBias: zeros([width]),
		value: draw(dim, width),
		valueBias: zeros([width]),
		output: draw(width, dim),
		outputBias: zeros([dim]),
	});
	const norm = (): StarNormWeights => ({ weight: ones([dim]), bias: zeros([dim]) });
	return { satellite: attention(), relay: attention(), satelliteNorm: norm(), relayNorm: norm() };
}

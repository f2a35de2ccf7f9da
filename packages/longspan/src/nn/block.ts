import { add } from "../ops/arithmetic.js";
import { checkChoice, checkOptions, checkShare } from "../ops/operands.js";
import { dropout, type RandomSource } from "../ops/random.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { type FeedForwardOptions, type FeedForwardParameters, feedForward } from "./feed-forward.js";
import { type ForwardOptions, foldIn } from "./forward-options.js";
import type { Initializer } from "./initialize.js";
import { joinSessions, type Layer } from "./layer.js";
import { type MultiHeadOptions, type MultiHeadParameters, multiHead, multiHeadOptionNames } from "./multi-head.js";
import { applyNorm, type NormParameters, normParameters } from "./norm.js";

export interface TransformerBlockOptions extends MultiHeadOptions {
	/**
	 * "pre" (default): x + layer(norm(x)) (Xiong et al. 2020, arXiv 2002.04745); "post": norm(x + layer(x)), as in the first
	 * Transformer.
	 */
	norm?: "pre" | "post";
	feedForward?: FeedForwardOptions;
	/** Part of each layer's output that is dropped in training. Default: 0. */
	dropout?: number;
}

/** Weights of a transformer block. */
export type BlockParameters = {
	readonly attentionNorm: NormParameters;
	readonly attention: MultiHeadParameters;
	readonly feedForwardNorm: NormParameters;
	readonly feedForward: FeedForwardParameters;
};

/** A transformer block, and the parts it adds to its input, which reversible layers use by themselves. */
export interface TransformerBlock extends Layer<BlockParameters> {
	readonly norm: "pre" | "post";
	readonly attentionBranch: Layer<BlockParameters>;
	readonly feedForwardBranch: Layer<BlockParameters>;
}

/**
 * A transformer block: multi-head attention, then a feed-forward layer, each around a residual connection. What is added is
 * dropout(layer(norm(x))), or with norm "post" dropout(layer(x)), and the sum is normalised.
 *
 * @throws OptionError for sizes that do not fit
 */
export function transformerBlock(options: TransformerBlockOptions): TransformerBlock {
	checkOptions("transformerBlock", options, {
		...multiHeadOptionNames,
		norm: true,
		feedForward: true,
		dropout: true,
	});
	const { norm = "pre", feedForward: denseOptions, dropout: rate = 0, ...projections } = options;
	const { dim, outputScale } = projections;
	checkChoice("transformerBlock", "norm", norm, ["pre", "post"]);
	checkShare("transformerBlock", "dropout", rate);
	const attention = multiHead(projections);
	const dense = feedForward(dim, denseOptions, outputScale);
	const before = (x: Tensor, parameters: NormParameters) => (norm === "pre" ? applyNorm(x, parameters) : x);
	const after = (x: Tensor, parameters: NormParameters) => (norm === "post" ? applyNorm(x, parameters) : x);
	const drop = (x: Tensor, random: RandomSource | undefined): Tensor =>
		random && rate > 0 ? dropout(x, rate, random) : x;

	const initialize = (draw: Initializer): BlockParameters => ({
		attentionNorm: normParameters(dim),
		attention: attention.initialize(draw),
		feedForwardNorm: normParameters(dim),
		feedForward: dense.initialize(draw),
	});
	const attentionBranch: Layer<BlockParameters> = {
		initialize,
		apply: ({ attentionNorm, attention: own }, x, given = {}) =>
			scope(() => drop(attention.apply(own, before(x, attentionNorm), given), foldIn(given.random, 0))),
		startDecoding(batch) {
			const session = attention.startDecoding(batch);
			return joinSessions([session], ({ attentionNorm, attention: own }, x) =>
				scope(() => session.append(own, before(x, attentionNorm))),
			);
		},
	};
	const applyDense: Layer<BlockParameters>["apply"] = ({ feedForwardNorm, feedForward: own }, x, given = {}) =>
		scope(() => drop(dense.apply(own, before(x, feedForwardNorm)), foldIn(given.random, 1)));
	const feedForwardBranch: Layer<BlockParameters> = {
		initialize,
		apply: applyDense,
		startDecoding: () => joinSessions([], (parameters, x) => applyDense(parameters, x)),
	};
	/** The block with any way to attend. */
	const around = (parameters: BlockParameters, x: Tensor, attended: (x: Tensor) => Tensor, given?: ForwardOptions) =>
		scope(() => {
			const middle = after(add(x, attended(x)), parameters.attentionNorm);
			return after(add(middle, applyDense(parameters, middle, given)), parameters.feedForwardNorm);
		});
	return {
		norm,
		attentionBranch,
		feedForwardBranch,
		initialize,
		apply: (parameters, x, given) =>
			around(parameters, x, (input) => attentionBranch.apply(parameters, input, given), given),
		startDecoding(batch) {
			const session = attentionBranch.startDecoding(batch);
			return joinSessions([session], (parameters, x) =>
				around(parameters, x, (input) => session.append(parameters, input)),
			);
		},
	};
}

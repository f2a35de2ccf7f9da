import { reversibleSequence } from "../../autograd/reversible.js";
import { OptionError } from "../../errors.js";
import { add, mul } from "../../ops/arithmetic.js";
import { checkChoice, checkList } from "../../ops/operands.js";
import { concat } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { BlockParameters, TransformerBlock } from "../block.js";
import { foldIn } from "../forward-options.js";
import { joinSessions } from "../layer.js";
import type { Stack } from "./stack.js";

/** How the two streams become one: "concatenated" (trax, Hugging Face; twice as wide) or their mean, "averaged" (lucidrains). */
export type StreamMerge = "concatenated" | "averaged";

/**
 * Reversible blocks (Kitaev et al. 2020, arXiv 2001.04451, eq. 9 and 10): two streams that begin as copies of the input, of which each
 * block changes one by attention to the other, then that one by a feed-forward layer of the first. The backward pass recomputes
 * every block's input from its output, so that activations take the same memory at any depth.
 *
 * @param blocks with norm "pre"
 * @throws OptionError for blocks with norm "post", or an unknown merge
 */
export function reversibleStack(
	blocks: readonly TransformerBlock[],
	dim: number,
	merge: StreamMerge = "averaged",
): Stack<readonly BlockParameters[]> {
	checkList("reversibleStack", "blocks", blocks, "blocks");
	checkChoice("reversibleStack", "merge", merge, ["concatenated", "averaged"]);
	if (blocks.some(({ norm }) => norm === "post"))
		throw new OptionError(
			'reversibleStack: a block has norm "post"; expected "pre", as the streams themselves have none',
		);
	const joined = (x1: Tensor, x2: Tensor): Tensor =>
		merge === "concatenated" ? concat([x1, x2], 2) : mul(add(x1, x2), 0.5);
	return {
		outputDim: merge === "concatenated" ? 2 * dim : dim,
		initialize: (draw) => blocks.map((block) => block.initialize(draw)),
		apply: (parameters, x, options = {}) => ({
			hidden: scope(() => {
				const couplings = blocks.map(({ attentionBranch, feedForwardBranch }, index) => {
					const own = parameters[index] as BlockParameters;
					const given = { ...options, random: foldIn(options.random, index) };
					return {
						f: (input: Tensor) => attentionBranch.apply(own, input, given),
						g: (input: Tensor) => feedForwardBranch.apply(own, input, given),
					};
				});
				return joined(...reversibleSequence(couplings, x, x));
			}),
			ponderCost: null,
		}),
		startDecoding(batch) {
			const sessions = blocks.map(({ attentionBranch }) => attentionBranch.startDecoding(batch));
			return joinSessions(sessions, (parameters, x) =>
				scope(() => {
					let [x1, x2] = [x, x];
					blocks.forEach(({ feedForwardBranch }, index) => {
						const own = parameters[index] as BlockParameters;
						x1 = add(x1, (sessions[index] as (typeof sessions)[number]).append(own, x2));
						x2 = add(x2, feedForwardBranch.apply(own, x1));
					});
					return joined(x1, x2);
				}),
			);
		},
	};
}

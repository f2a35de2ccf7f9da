import { countedMean } from "../../nn/counted-mean.js";
import type { ForwardOptions } from "../../nn/forward-options.js";
import { crossEntropy } from "../../ops/cross-entropy.js";
import { checkObject } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTargets } from "../check-targets.js";
import { withPonderCost } from "../ponder.js";
import { type ClassifierOptions, type ClassifierParameters, classifier } from "./classifier.js";

export interface LabelledTokens {
	/** int32 [batch, length] */
	readonly ids: Tensor<"int32">;
	/** Class of each token, int32 [batch, length], -100 for none (padding, pieces of words). */
	readonly targets: Tensor<"int32">;
}

export interface TokenClassifier {
	readonly classes: number;
	/** Initial weights, free to be replaced by trained ones. */
	readonly parameters: ClassifierParameters;
	/**
	 * Scores of the classes.
	 *
	 * @param ids int32 [batch, length]
	 * @returns [batch, length, classes]
	 */
	logits(parameters: ClassifierParameters, ids: Tensor<"int32">, options?: ForwardOptions): Tensor;
	/** Mean cross-entropy of the targets that are not -100, in nats, and the cost of halting where there is one. */
	loss(parameters: ClassifierParameters, batch: LabelledTokens, options?: ForwardOptions): Tensor;
}

const name = "tokenClassifier";

/**
 * An encoder that tells the class of each token, with any attention: a projection of the hidden states, behind dropout where the model
 * has some.
 *
 * @throws OptionError for sizes below 1 or that do not fit
 * @example
 * const model = tokenClassifier({ classes: 9, attention: slidingWindow({ window: 64 }), maxLength: 2048, dim: 128, layers: 2, heads: 4 });
 */
export function tokenClassifier(options: ClassifierOptions): TokenClassifier {
	const { parameters, score } = classifier(name, options, (hidden) => hidden);
	const { classes } = options;
	return {
		classes,
		parameters,
		logits: (current, ids, given) => scope(() => score(current, ids, given).scores),
		loss: (current, batch, given) =>
			scope(() => {
				checkObject(name, "batch", batch);
				const { ids, targets } = batch;
				const { scores, ponderCost } = score(current, ids, given);
				checkTargets(name, "targets", targets, ids.shape, classes, -100);
				return withPonderCost(countedMean(crossEntropy(scores, targets), targets), ponderCost);
			}),
	};
}

import { meanNode } from "../../attention/star-transformer/mean-node.js";
import type { ForwardOptions } from "../../nn/forward-options.js";
import { crossEntropy } from "../../ops/cross-entropy.js";
import { checkChoice, checkObject, checkOptions } from "../../ops/operands.js";
import { mean } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTargets } from "../check-targets.js";
import { withPonderCost } from "../ponder.js";
import { type ClassifierOptions, type ClassifierParameters, classifier, classifierOptionNames } from "./classifier.js";

export interface SequenceClassifierOptions extends ClassifierOptions {
	/**
	 * What stands for a sequence: the mean of its hidden states without padding ("mean", the default), or that of its first token
	 * ("first"; BERT's [CLS]), which a causal attention leaves without the others.
	 */
	pooling?: "first" | "mean";
}

export interface LabelledSequences {
	/** int32 [batch, length] */
	readonly ids: Tensor<"int32">;
	/** Class of each sequence, int32 [batch]. */
	readonly labels: Tensor<"int32">;
}

export interface SequenceClassifier {
	readonly classes: number;
	/** Initial weights, free to be replaced by trained ones. */
	readonly parameters: ClassifierParameters;
	/**
	 * Scores of the classes.
	 *
	 * @param ids int32 [batch, length]
	 * @returns [batch, classes]
	 */
	logits(parameters: ClassifierParameters, ids: Tensor<"int32">, options?: ForwardOptions): Tensor;
	/** Mean cross-entropy of the labels, in nats, and the cost of halting where there is one. */
	loss(parameters: ClassifierParameters, batch: LabelledSequences, options?: ForwardOptions): Tensor;
}

const name = "sequenceClassifier";

/**
 * An encoder that tells the class of a sequence, with any attention: a projection of the pooled hidden states, behind dropout where the model
 * has some. Padding (`keyMask` 0) is not pooled; with pooling "first" it must come last.
 *
 * @throws OptionError for sizes below 1 or that do not fit
 * @example
 * const model = sequenceClassifier({ classes: 10, attention: linear(), maxLength: 2048, dim: 128, layers: 4, heads: 4 });
 * const { ids, keyMask } = padSequences(texts);
 * const { value, gradient } = valueAndGrad(model.loss)(model.parameters, { ids, labels }, { keyMask });
 */
export function sequenceClassifier(options: SequenceClassifierOptions): SequenceClassifier {
	checkOptions(name, options, { ...classifierOptionNames, pooling: true });
	const { pooling = "mean", ...common } = options;
	checkChoice(name, "pooling", pooling, ["first", "mean"]);
	const { parameters, score } = classifier(name, common, (hidden, keyMask) => {
		const [batch, , dim] = hidden.shape as [number, number, number];
		return reshape(pooling === "first" ? slice(hidden, 1, 0, 1) : meanNode(hidden, keyMask), [batch, dim]);
	});
	return {
		classes: common.classes,
		parameters,
		logits: (current, ids, given) => scope(() => score(current, ids, given).scores),
		loss: (current, batch, given) =>
			scope(() => {
				checkObject(name, "batch", batch);
				const { ids, labels } = batch;
				const { scores, ponderCost } = score(current, ids, given);
				checkTargets(name, "labels", labels, ids.shape.slice(0, 1), common.classes);
				return withPonderCost(mean(crossEntropy(scores, labels)), ponderCost);
			}),
	};
}

import { countedMean } from "../../nn/counted-mean.js";
import { normalInitializer } from "../../nn/initialize.js";
import { add, mul } from "../../ops/arithmetic.js";
import { crossEntropy } from "../../ops/cross-entropy.js";
import { checkNumber, checkObject, checkOptions } from "../../ops/operands.js";
import { max, mean } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTargets } from "../check-targets.js";
import type { LabelledSequences, LabelledTokens, ProjectionParameters } from "../encoder/index.js";
import { project, projectionParameters } from "../encoder/projection.js";
import {
	maskOf,
	type StarEncoderOptions,
	type StarEncoderParameters,
	type StarForwardOptions,
	starBody,
	starEncoderOptionNames,
} from "./star-body.js";

export interface StarClassifierOptions extends StarEncoderOptions {
	/** Number of classes. At least 2. */
	classes: number;
}

/** Weights of a Star-Transformer with scores of classes. */
export type StarClassifierParameters = StarEncoderParameters & {
	/** From nodes to scores. */
	readonly head: ProjectionParameters;
};

/** A classifier of `Batch`, whole sequences or tokens. */
export interface StarClassifier<Batch> {
	readonly classes: number;
	/** Initial weights, free to be replaced by trained ones. */
	readonly parameters: StarClassifierParameters;
	/**
	 * Scores of the classes.
	 *
	 * @param ids int32 [batch, length]
	 * @returns [batch, classes] for sequences, [batch, length, classes] for tokens
	 */
	logits(parameters: StarClassifierParameters, ids: Tensor<"int32">, options?: StarForwardOptions): Tensor;
	/** Mean cross-entropy, in nats. */
	loss(parameters: StarClassifierParameters, batch: Batch, options?: StarForwardOptions): Tensor;
}

/** Below every node. */
const lowest = -3e38;

/** Channel by channel, the maximum over the tokens: [batch, 1, dim]. */
function maximum(nodes: Tensor, mask: Tensor<"int32"> | undefined): Tensor {
	const [batch, length] = nodes.shape as [number, number];
	const tokens = mask ? where(reshape(mask, [batch, length, 1]), nodes, filled([], lowest, nodes.device)) : nodes;
	return max(tokens, { axes: 1, keepDims: true });
}

function withHead(name: string, options: StarClassifierOptions) {
	checkOptions(name, options, { ...starEncoderOptionNames, classes: true });
	const { classes, ...ofBody } = options;
	const { dim, seed = 0 } = ofBody;
	checkNumber(name, "classes", classes, { min: 2, integer: true });
	const body = starBody(name, ofBody);
	const draw = normalInitializer(seed);
	const parameters: StarClassifierParameters = keep({
		...body.initialize(draw),
		head: projectionParameters(draw, dim, classes),
	});
	return { body, parameters };
}

/**
 * A Star-Transformer that tells the class of a sequence from the mean of the relay node and the maximum of the nodes (Guo et al. 2019,
 * arXiv 1902.09113, section 3.3), by a projection; fastNLP has a hidden layer before it, and takes padding, as 0, into the maximum.
 *
 * @throws OptionError for sizes below 1 or that do not fit
 * @example
 * const model = starSequenceClassifier({ classes: 5, dim: 128, layers: 2, heads: 4 });
 * const { ids, lengths } = padSequences(texts);
 * const { value, gradient } = valueAndGrad(model.loss)(model.parameters, { ids, labels }, { lengths });
 */
export function starSequenceClassifier(options: StarClassifierOptions): StarClassifier<LabelledSequences> {
	const name = "starSequenceClassifier";
	const { body, parameters } = withHead(name, options);
	const { classes, dim } = options;
	const score: StarClassifier<LabelledSequences>["logits"] = (current, ids, given) =>
		scope(() => {
			const { nodes, relay } = body.apply(current, ids, given);
			const pooled = mul(add(relay, maximum(nodes, maskOf(name, given?.lengths, ids))), 0.5);
			return project(reshape(pooled, [ids.shape[0] as number, dim]), current.head);
		});
	return {
		classes,
		parameters,
		logits: score,
		loss: (current, batch, given) =>
			scope(() => {
				checkObject(name, "batch", batch);
				const { ids, labels } = batch;
				const scores = score(current, ids, given);
				checkTargets(name, "labels", labels, ids.shape.slice(0, 1), classes);
				return mean(crossEntropy(scores, labels));
			}),
	};
}

/**
 * A Star-Transformer that tells the class of each token from its node, by a projection. Targets of -100 do not count.
 *
 * @throws OptionError for sizes below 1 or that do not fit
 * @example
 * const model = starTokenClassifier({ classes: 9, dim: 128, layers: 2, heads: 4 });
 */
export function starTokenClassifier(options: StarClassifierOptions): StarClassifier<LabelledTokens> {
	const name = "starTokenClassifier";
	const { body, parameters } = withHead(name, options);
	const { classes } = options;
	const score: StarClassifier<LabelledTokens>["logits"] = (current, ids, given) =>
		scope(() => project(body.apply(current, ids, given).nodes, current.head));
	return {
		classes,
		parameters,
		logits: score,
		loss: (current, batch, given) =>
			scope(() => {
				checkObject(name, "batch", batch);
				const { ids, targets } = batch;
				const scores = score(current, ids, given);
				checkTargets(name, "targets", targets, ids.shape, classes, -100);
				return countedMean(crossEntropy(scores, targets), targets);
			}),
	};
}

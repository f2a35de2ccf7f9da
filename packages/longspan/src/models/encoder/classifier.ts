import { type ForwardOptions, foldIn } from "../../nn/forward-options.js";
import { normalInitializer } from "../../nn/initialize.js";
import { checkNumber, checkOptions, type OptionNames } from "../../ops/operands.js";
import { dropout } from "../../ops/random.js";
import { keep } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
	type TransformerOptions,
	type TransformerParameters,
	transformer,
	transformerOptionNames,
} from "../transformer.js";
import { type ProjectionParameters, project, projectionParameters } from "./projection.js";

export interface ClassifierOptions extends TransformerOptions {
	/** Number of token ids. Default: 256, for bytes. */
	vocabularySize?: number;
	/** Number of classes. At least 2. */
	classes: number;
}

export const classifierOptionNames: OptionNames<ClassifierOptions> = {
	...transformerOptionNames,
	vocabularySize: true,
	classes: true,
};

/** Weights of an encoder with scores of classes. */
export type ClassifierParameters = TransformerParameters & {
	/** From the hidden states to scores. */
	readonly head: ProjectionParameters;
};

/** What classifiers have in common: a transformer, dropout where it has some, a projection. */
export function classifier(
	name: string,
	options: ClassifierOptions,
	pool: (hidden: Tensor, keyMask: Tensor<"int32"> | undefined) => Tensor,
) {
	checkOptions(name, options, classifierOptionNames);
	const { vocabularySize = 256, classes, ...ofBody } = options;
	const { seed = 0, dropout: rate = 0 } = ofBody;
	checkNumber(name, "classes", classes, { min: 2, integer: true });
	const body = transformer(name, vocabularySize, ofBody);
	const draw = normalInitializer(seed);
	const parameters: ClassifierParameters = keep({
		...body.initialize(draw),
		head: projectionParameters(draw, body.outputDim, classes),
	});
	const score = (current: ClassifierParameters, ids: Tensor<"int32">, given: ForwardOptions = {}) => {
		const { hidden, ponderCost } = body.apply(current, ids, given);
		const pooled = pool(hidden, given.keyMask);
		// The transformer takes the parts 0 and 1.
		const source = foldIn(given.random, 2);
		const passed = source && rate > 0 ? dropout(pooled, rate, source) : pooled;
		return { scores: project(passed, current.head), ponderCost };
	};
	return { parameters, score };
}

import { OptionError } from "../../errors.js";
import { Tensor } from "../../tensor/tensor.js";
import type { PretrainedModel } from "../model.js";

/**
 * The weights of a model as a trainer takes them, by their names in checkpoints.
 *
 * @throws OptionError if the model was not loaded with `trainable: true`
 * @example
 * const trainer = createTrainer({
 * 	parameters: trainableWeights(model),
 * 	loss: (weights, { inputs, labels }, { random }) => tokenLoss(model.forwardWith(weights, inputs, { random }).logits, labels),
 * 	optimizer: adamW({ learningRate: 3e-5 }),
 * });
 */
export function trainableWeights(model: Pick<PretrainedModel, "weights">): Record<string, Tensor> {
	return Object.fromEntries(
		Object.entries(model.weights()).map(([name, weight]) => {
			if (!(weight instanceof Tensor))
				throw new OptionError(`trainableWeights: "${name}" is packed; load the model with trainable: true`);
			return [name, weight];
		}),
	);
}

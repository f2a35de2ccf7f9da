import { type Attention, type LanguageModel, languageModel, schedules } from "longspan";
import { byteValues, type ModelConfig, modelConfig } from "../../models/config.js";

/** The small byte-level model every attention is tried in. */
export const modelSizes = { dim: 128, layers: 2, heads: 4 } as const;

/** AdamW's largest step size, the part of all steps it takes to get there, and the limit of the gradient's norm. */
export const training = { learningRate: 3e-3, warmUpShare: 0.1, clipNorm: 1, weightDecay: 0.01 } as const;

/** Part of the largest step size that is left at the end. */
const finalShare = 0.1;

/** The model, with the same initial weights for the same seed. */
export function createModel(attention: Attention, length: number, seed: number): LanguageModel {
	return languageModel({ attention, vocabularySize: byteValues, maxLength: length, ...modelSizes, seed });
}

/** The model with an attention as it is saved. `label`: the attention as given on the command line. */
export function configOf(label: string, length: number): ModelConfig {
	return modelConfig({ attention: label, maxLength: length, ...modelSizes });
}

/** Step size of a step, counted from 1: rises evenly over the warm-up, then falls along half a cosine. */
export function learningRateOf(step: number, steps: number): number {
	const { learningRate: peak, warmUpShare } = training;
	const warmUpSteps = Math.max(1, steps * warmUpShare);
	return schedules.cosine({ peak, warmUpSteps, totalSteps: steps, finalShare })(step);
}

import { type LanguageModel, languageModel, mapTree, slidingWindow, type Tensor, treeTensors } from "longspan";
import { randomValues } from "../inputs.js";

/** Sizes of a byte model with causal windows: a query sees its own key and `window` before it. */
export interface ByteModelSizes {
	readonly length: number;
	readonly layers: number;
	readonly dim: number;
	readonly heads: number;
	readonly window: number;
}

/** Initial weights in row-major order. */
export interface Weights {
	readonly shape: readonly number[];
	readonly values: Float32Array;
}

/** What all contestants train: the same model from the same weights on the same bytes. */
export interface TrainingProblem {
	readonly sizes: ByteModelSizes;
	/** length + 1 bytes: each but the first is to be predicted from those before. */
	readonly ids: Int32Array;
	/** By name, such as "blocks.0.attention.query". Projections are [in, out]. */
	readonly weights: ReadonlyMap<string, Weights>;
}

export const vocabularySize = 256;

/** AdamW with its gradient clipped; weight decay acts on weights of two axes. */
export const optimizerSettings = {
	learningRate: 1e-3,
	betas: [0.9, 0.95],
	epsilon: 1e-8,
	weightDecay: 0.01,
	clipNorm: 1,
} as const;

/** Pre-norm blocks with GELU and learned positions; the token embeddings are the output weights, too. */
export function byteModel({ length, layers, dim, heads, window }: ByteModelSizes): LanguageModel {
	const attention = slidingWindow({ window, causal: true });
	return languageModel({ vocabularySize, attention, maxLength: length, dim, layers, heads, positions: "learned" });
}

/** Random bytes, which take as long as any. */
export function randomBytes(count: number): Int32Array {
	return Int32Array.from(randomValues(count, 1), (value) => Math.floor((value + 1) * (vocabularySize / 2)));
}

export function trainingProblem(sizes: ByteModelSizes): TrainingProblem {
	const { parameters } = byteModel(sizes);
	const weights = new Map<string, Weights>();
	mapTree(parameters, (tensor, path) => {
		const name = path.replace(/\[(\d+)\]/g, ".$1");
		weights.set(name, { shape: tensor.shape, values: (tensor as Tensor).dataSync() });
		return tensor;
	});
	for (const tensor of treeTensors(parameters)) tensor.dispose();
	return { sizes, ids: randomBytes(sizes.length + 1), weights };
}

/** Steps whose losses are compared: those after the first depend on the gradient and the optimiser. */
const comparedSteps = 3;

/** Losses of the first steps. */
export async function firstLosses(step: () => Promise<number>): Promise<Float32Array> {
	const losses = new Float32Array(comparedSteps);
	for (let index = 0; index < comparedSteps; index++) losses[index] = await step();
	return losses;
}

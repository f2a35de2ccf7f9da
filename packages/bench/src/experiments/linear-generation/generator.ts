import { type Attention, intTensor, languageModel, scope, slice, type Tensor, treeTensors } from "longspan";

export interface GeneratorOptions {
	/** A causal mechanism. */
	readonly attention: Attention;
	readonly layers: number;
	readonly heads: number;
	readonly headDim: number;
	readonly vocabularySize: number;
	/** Most positions. */
	readonly maxLength: number;
	readonly seed: number;
}

/** A language model with random weights, of which only the speed is of interest. */
export interface Generator {
	/** The token with the highest score after these, from the whole sequence anew. */
	next(ids: readonly number[]): number;
	/** Starts to generate with what the mechanism remembers. */
	start(): Generation;
	dispose(): void;
}

export interface Generation {
	readonly position: number;
	/** Bytes of what is remembered. */
	readonly stateBytes: number;
	/** Reads tokens, and returns the one with the highest score after them. */
	append(ids: readonly number[]): number;
	dispose(): void;
}

/** Positions the feed-forward layers take at once: their inner activations are four times as wide as the rest. */
const chunkLength = 4096;

export function generator({ heads, headDim, ...options }: GeneratorOptions): Generator {
	const model = languageModel({ ...options, heads, dim: heads * headDim, feedForward: { chunkLength } });
	const { parameters } = model;
	const choose = (ids: readonly number[], scores: (tokens: Tensor<"int32">) => Tensor): number =>
		scope(() => highest(scores(intTensor(ids, [1, ids.length])).dataSync()));
	return {
		next: (ids) => choose(ids, (tokens) => slice(model.logits(parameters, tokens), 1, -1)),
		start() {
			const session = model.startDecoding(parameters);
			return {
				get position() {
					return session.position;
				},
				get stateBytes() {
					return session.stateBytes;
				},
				append: (ids) => choose(ids, session.append),
				dispose: session.dispose,
			};
		},
		dispose() {
			for (const weight of treeTensors(parameters)) weight.dispose();
		},
	};
}

function highest(scores: Float32Array): number {
	return scores.reduce((best, score, at) => (score > (scores[best] as number) ? at : best), 0);
}

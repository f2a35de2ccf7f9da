import type { Tensor } from "../../tensor/tensor.js";
import type { MapCost } from "../linear/cost.js";

/** What a feature map is told about the vectors it maps. */
export interface MappedSide {
	readonly side: "query" | "key";
	/** Position of the first of the vectors in their sequence: 0, or the tokens before them while decoding. */
	readonly position: number;
}

/**
 * phi of linear attention, whose similarity of a query and a key is phi(q)·phi(k). The same call must give the same features
 * every time, or the causal, the whole and the recurrent form disagree.
 */
export interface FeatureMap {
	/** Name and options, for people. */
	readonly description: string;
	/** Width of the mapped vectors. */
	features(headDim: number): number;
	/**
	 * Maps queries or keys with differentiable operations.
	 *
	 * @param x [batch, heads, length, headDim]
	 * @returns [batch, heads, length, features(headDim)]
	 */
	map(x: Tensor, at: MappedSide): Tensor;
	/** What mapping one vector takes, for predictions. Default: nothing. */
	cost?(headDim: number): MapCost;
}

import type { AttentionWeights } from "../../attention/mechanism.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Initializer } from "../initialize.js";

/** Trainable tensors of a position embedding by name, none for some. */
export type PositionParameters = AttentionWeights;

/** What is added to the embeddings of tokens. */
export interface PositionEmbedding {
	initialize(draw: Initializer): PositionParameters;
	/** Those of `length` positions from `position` on, [length, dim]. Throws `ShapeError` beyond the last there is. */
	rows(parameters: PositionParameters, position: number, length: number): Tensor;
}

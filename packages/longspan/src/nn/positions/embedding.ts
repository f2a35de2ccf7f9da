import type { AttentionWeights } from "../../attention/mechanism.js";
import type { Device } from "../../tensor/device.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Initializer } from "../initialize.js";

/** Trainable tensors of a position embedding by name, none for some. */
export type PositionParameters = AttentionWeights;

/** What is added to the embeddings of tokens. */
export interface PositionEmbedding {
	initialize(draw: Initializer): PositionParameters;
	/**
	 * Those of `length` positions from `position` on, [length, dim]. Throws `ShapeError` beyond the last there is.
	 *
	 * @param device where they are needed. Default: the current one
	 */
	rows(parameters: PositionParameters, position: number, length: number, device?: Device): Tensor;
}

import { ShapeError } from "../../errors.js";
import { checkNumber } from "../../ops/operands.js";
import { slice } from "../../ops/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { PositionEmbedding } from "./embedding.js";

/** Deviation of initial positions, small beside that of tokens. */
export const positionDeviation = 0.02;

/** A trained row for each of `maxLength` positions. */
export function learnedPositions(maxLength: number, dim: number): PositionEmbedding {
	checkNumber("learned positions", "maxLength", maxLength, { min: 1, integer: true });
	return {
		initialize: (draw) => ({ table: draw([maxLength, dim], positionDeviation) }),
		rows: ({ table }, position, length) => {
			checkWithin(position + length, maxLength);
			return slice(table as Tensor, 0, position, position + length);
		},
	};
}

/** Refuses positions a table has no row for. */
export function checkWithin(end: number, maxLength: number): void {
	if (end > maxLength)
		throw new ShapeError(
			`the sequence has a length of ${end}; the positions of this model end at ${maxLength}: use a larger maxLength, or rotary or sinusoidal positions`,
		);
}

import { ShapeError } from "../../errors.js";
import { checkNumber } from "../../ops/operands.js";
import { slice } from "../../ops/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { PositionEmbedding } from "./embedding.js";

/** Deviation of initial positions, small beside that of tokens. */
export const positionDeviation = 0.02;

/**
 * A trained row for each of `maxLength` positions.
 *
 * @throws OptionError if `maxLength` is no integer of at least 1
 */
export function learnedPositions(maxLength: number, dim: number): PositionEmbedding {
	const name = "learned positions";
	checkNumber(name, "maxLength", maxLength, { min: 1, integer: true });
	return {
		initialize: (draw) => ({ table: draw([maxLength, dim], positionDeviation) }),
		rows: ({ table }, position, length) => {
			checkWithin(name, position + length, maxLength, "a larger maxLength");
			return slice(table as Tensor, 0, position, position + length);
		},
	};
}

/** Refuses positions a table has no row for. `larger`: what would have one. */
export function checkWithin(name: string, end: number, maxLength: number, larger: string): void {
	if (end > maxLength)
		throw new ShapeError(
			`${name}: the sequence has a length of ${end}; expected at most ${maxLength}: use ${larger}, or rotary or sinusoidal positions`,
		);
}

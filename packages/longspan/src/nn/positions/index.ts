import { OptionError } from "../../errors.js";
import { checkChoice } from "../../ops/operands.js";
import { type AxialOptions, axialPositions } from "./axial.js";
import type { PositionEmbedding } from "./embedding.js";
import { learnedPositions } from "./learned.js";
import { sinusoidalPositions } from "./sinusoidal.js";

export type { AxialOptions } from "./axial.js";
export type { PositionEmbedding, PositionParameters } from "./embedding.js";

/**
 * How a model knows where a token is: a trained row per position, fixed sinusoids, queries and keys turned by their position, nothing
 * (mechanisms with a decay or a pattern may know), or trained rows of a grid.
 */
export type Positions = "learned" | "sinusoidal" | "rotary" | "none" | { readonly axial: AxialOptions };

/** What is added to embeddings; null where nothing is. */
export function positionEmbedding(
	name: string,
	positions: Positions,
	maxLength: number | undefined,
	dim: number,
): PositionEmbedding | null {
	if (typeof positions === "object" && positions?.axial) return axialPositions(positions.axial, dim);
	checkChoice(name, "positions", positions, ["learned", "sinusoidal", "rotary", "none"]);
	if (positions === "sinusoidal") return sinusoidalPositions(dim);
	if (positions !== "learned") return null;
	if (maxLength === undefined)
		throw new OptionError(`${name}: maxLength is undefined; learned positions need the longest length there will be`);
	return learnedPositions(maxLength, dim);
}

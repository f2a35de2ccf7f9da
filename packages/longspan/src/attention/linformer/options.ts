import { OptionError } from "../../errors.js";
import { checkChoice, checkNumber, checkOptions } from "../../ops/operands.js";
import type { Attention } from "../mechanism.js";

/** Which matrices are the same. Below, a layer without sharing has two for each head. */
export type LinformerSharing =
	/** E and F for each head. */
	| "none"
	/** One E and one F for all heads. */
	| "headwise"
	/** One E for all heads, for keys and values. */
	| "key-value"
	/** As "key-value", and the model gives every layer the same E. */
	| "layerwise";

/** How the positions of keys and values become slots. */
export type LinformerProjection =
	/** By a learned matrix over the positions. */
	| "linear"
	/** The mean of neighbours. */
	| "mean-pool"
	/** The maximum of neighbours, channel by channel. */
	| "max-pool"
	/** A weighted sum of neighbours with learned weights, the same for every group of them. */
	| "convolution";

export interface LinformerOptions {
	/** Longest sequence of keys; weights are made for it. At least 1. */
	maxLength: number;
	/** Number of slots k; for sharing "none" and projection "linear" it may differ by head. At least 1, at most maxLength. */
	projectedLength: number | readonly number[];
	/** Default: "none". */
	sharing?: LinformerSharing;
	/** Default: "linear". */
	projection?: LinformerProjection;
	/** There is no causal form: true is refused. */
	causal?: boolean;
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

/** Linformer attention; it tells how it shares its weights. */
export type Linformer = Attention & { readonly sharing: LinformerSharing };

/** Options as a call needs them. */
export interface Settings {
	readonly maxLength: number;
	readonly sharing: LinformerSharing;
	readonly projection: LinformerProjection;
	readonly scale: number | undefined;
	/** Slots asked for, of each head or of all. */
	readonly lengths: readonly number[];
	/** Positions of one pool or kernel; 1 for projection "linear". */
	readonly stride: number;
	/** Slots there are: the most of any head. */
	readonly slots: number;
}

export const name = "linformer";

/** Checks the options once. */
export function settingsOf(options: LinformerOptions): Settings {
	checkOptions(name, options, {
		maxLength: true,
		projectedLength: true,
		sharing: true,
		projection: true,
		causal: true,
		scale: true,
	});
	const { maxLength, projectedLength, sharing = "none", projection = "linear", causal, scale } = options;
	if (causal)
		throw new OptionError(
			`${name}: causal is true; every slot mixes all positions, later ones too, so there is no causal form: use slidingWindow, linear or another causal mechanism`,
		);
	checkNumber(name, "maxLength", maxLength, { min: 1, integer: true });
	checkChoice(name, "sharing", sharing, ["none", "headwise", "key-value", "layerwise"]);
	checkChoice(name, "projection", projection, ["linear", "mean-pool", "max-pool", "convolution"]);
	if (scale !== undefined) checkNumber(name, "scale", scale);
	const lengths = Array.isArray(projectedLength) ? projectedLength : [projectedLength];
	if (lengths.length === 0)
		throw new OptionError(`${name}: projectedLength is empty; expected an integer or one for each head`);
	for (const length of lengths) {
		checkNumber(name, "projectedLength", length, { min: 1, integer: true });
		if (length > maxLength)
			throw new OptionError(
				`${name}: projectedLength is ${length} for maxLength ${maxLength}; expected at most maxLength: from there on exact attention (full) costs less`,
			);
	}
	if (Array.isArray(projectedLength) && (sharing !== "none" || projection !== "linear"))
		throw new OptionError(
			`${name}: projectedLength is a list with sharing "${sharing}" and projection "${projection}"; expected one number: only heads with matrices of their own ("none", "linear") can differ`,
		);
	const longest = Math.max(...lengths);
	const stride = projection === "linear" ? 1 : Math.ceil(maxLength / longest);
	const slots = projection === "linear" ? longest : Math.ceil(maxLength / stride);
	return { maxLength, sharing, projection, scale, lengths, stride, slots };
}

/** Checks that slots given by head are for this number of heads. */
export function checkHeads({ lengths }: Settings, heads: number): void {
	if (lengths.length > 1 && lengths.length !== heads)
		throw new OptionError(
			`${name}: projectedLength has ${lengths.length} entries; expected one for each of the ${heads} heads`,
		);
}

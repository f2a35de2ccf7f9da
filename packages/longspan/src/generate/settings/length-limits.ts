import { OptionError } from "../../errors.js";
import type { GenerationSettings } from "./generation-options.js";

/** Lengths of a sequence, its prompt among them. */
export interface LengthLimits {
	readonly prompt: number;
	/** It may not end below it. */
	readonly min: number;
	/** It ends there. */
	readonly max: number;
}

const defaultNewTokens = 20;

/** @throws OptionError for a prompt that leaves no room */
export function lengthLimits(
	operation: string,
	prompt: number,
	{ maxLength, maxNewTokens, minLength, minNewTokens }: GenerationSettings,
): LengthLimits {
	const max = maxNewTokens === undefined ? (maxLength ?? prompt + defaultNewTokens) : prompt + maxNewTokens;
	if (prompt >= max)
		throw new OptionError(
			`${operation}: the prompt has ${prompt} tokens and maxLength is ${max}; expected a longer maxLength, or maxNewTokens in its place`,
		);
	return { prompt, min: minNewTokens === undefined ? minLength : prompt + minNewTokens, max };
}

import type { LanguageModelOptions } from "longspan";
import { UsageError } from "../errors.js";
import { parseNumber } from "../parse-number.js";

/** One of some texts. Throws `UsageError`, naming the option. */
export function parseChoice<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
	const found = choices.find((choice) => choice === text);
	if (found === undefined)
		throw new UsageError(
			`${option}: "${text}" is not valid; expected ${choices.join(", ").replace(/, ([^,]*)$/, " or $1")}`,
		);
	return found;
}

/** A number from 0 to below 1. Throws `UsageError`, naming the option. */
export function parseShare(option: string, text: string): number {
	const value = parseNumber(option, text);
	if (value >= 1) throw new UsageError(`${option}: "${text}" is not valid; expected a number from 0 to below 1`);
	return value;
}

type Positions = NonNullable<LanguageModelOptions["positions"]>;

const named = ["learned", "sinusoidal", "rotary", "none"] as const;

/** How a model knows positions: a name, or the axes of a grid as in `axial:64x64`. Throws `UsageError`, naming the option. */
export function parsePositions(option: string, text: string): Positions {
	const [, axes, summed] = /^axial:([1-9]\d*(?:x[1-9]\d*)+)(:summed)?$/.exec(text) ?? [];
	const name = named.find((one) => one === text);
	if (name !== undefined) return name;
	if (axes === undefined)
		throw new UsageError(
			`${option}: "${text}" is not valid; expected ${named.join(", ")} or a grid such as axial:64x64`,
		);
	return { axial: { shape: axes.split("x").map(Number), ...(summed && { combine: "summed" }) } };
}

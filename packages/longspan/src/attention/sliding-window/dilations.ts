import { OptionError } from "../../errors.js";
import { checkNumber } from "../../ops/operands.js";

/** Checks the option `dilation`, one for all heads or one per head, and makes it a list. */
export function checkDilations(name: string, dilation: number | readonly number[]): readonly number[] {
	const dilations = typeof dilation === "number" ? [dilation] : dilation;
	if (!Array.isArray(dilations) || dilations.length === 0)
		throw new OptionError(`${name}: dilation is ${String(dilation)}; expected an integer or one integer per head`);
	for (const step of dilations) checkNumber(name, "dilation", step, { min: 1, integer: true });
	return dilations;
}

/** Checks that there is one dilation, or one for each head. */
export function checkDilationHeads(name: string, dilations: readonly number[], heads: number): void {
	if (dilations.length > 1 && dilations.length !== heads)
		throw new OptionError(
			`${name}: dilation has ${dilations.length} entries; expected one for each of the ${heads} heads`,
		);
}

/** Checks that a whole sequence is long enough for some query to see another key in every head. */
export function checkDilationLength(
	name: string,
	{ window, dilations }: { readonly window: number; readonly dilations: readonly number[] },
	length: number,
): void {
	const largest = Math.max(...dilations);
	if (window > 0 && largest > 1 && largest >= length)
		throw new OptionError(
			`${name}: dilation is ${largest} for length ${length}; expected less than the length, or no query sees another key`,
		);
}

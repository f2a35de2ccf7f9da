import { OptionError } from "../errors.js";
import { describe } from "../ops/operands.js";

/** Checks an option that is a pair of numbers, but not the numbers. */
export function checkPair(operation: string, name: string, value: unknown): void {
	if (!Array.isArray(value) || value.length !== 2)
		throw new OptionError(
			`${operation}: ${name} is ${Array.isArray(value) ? `a list of ${value.length}` : describe(value)}; expected two numbers`,
		);
}

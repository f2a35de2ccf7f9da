import { UsageError } from "./errors.js";

/** An integer of an option, from `min` to `max`. Throws `UsageError`, naming the option. */
export function parseInteger(option: string, text: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
	const value = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;
	if (value >= min && value <= max) return value;
	const expected = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of at least ${min}`;
	throw new UsageError(`${option}: "${text}" is not valid; expected an integer ${expected}`);
}

/** A number of an option, at least 0. Throws `UsageError`, naming the option. */
export function parseNumber(option: string, text: string): number {
	const value = text.trim() === "" ? Number.NaN : Number(text);
	if (!Number.isFinite(value) || value < 0)
		throw new UsageError(`${option}: "${text}" is not valid; expected a number of at least 0`);
	return value;
}

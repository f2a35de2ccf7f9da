import { UsageError } from "./errors.js";

/** Lengths such as `4096` or `512,1k,4k`, ascending, without repeats. Throws `UsageError`, naming the option. */
export function parseLengths(option: string, list: string): number[] {
	const lengths = list.split(",").map((text) => {
		const [, digits, thousands] = /^\s*(\d+)(k?)\s*$/i.exec(text) ?? [];
		const length = Number(digits) * (thousands ? 1024 : 1);
		if (!Number.isSafeInteger(length) || length < 1)
			throw new UsageError(
				`${option}: "${text.trim()}" is no length; expected integers of at least 1, such as 4096 or 512,1k,4k`,
			);
		return length;
	});
	return [...new Set(lengths)].sort((a, b) => a - b);
}

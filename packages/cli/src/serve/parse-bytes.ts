import { UsageError } from "../errors.js";

const units: Readonly<Record<string, number>> = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

/** Most bytes that fit in one string or buffer of any engine, with room to spare. */
const most = 256 * 2 ** 20;

/** A number of bytes such as "500kb" or "10mb". Throws `UsageError`, naming the option. */
export function parseBytes(option: string, text: string): number {
	const [, count, unit = "b"] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?b)?\s*$/i.exec(text) ?? [];
	const bytes = Math.floor(Number(count) * (units[unit.toLowerCase()] as number));
	if (bytes >= 1 && bytes <= most) return bytes;
	throw new UsageError(`${option}: "${text}" is not valid; expected bytes such as 500kb or 10mb, at most 256mb`);
}

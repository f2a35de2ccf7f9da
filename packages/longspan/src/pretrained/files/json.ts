/** Deeper than any configuration or tokenizer; deeper ones cost a parser far more memory than their bytes. */
const maxDepth = 200;

/**
 * Parses JSON in UTF-8.
 *
 * @throws Error saying what is wrong, to be told with the name of the file
 */
export function parseJson(bytes: Uint8Array): unknown {
	if (measureJson(bytes).depth > maxDepth) throw new Error(`is nested deeper than ${maxDepth} levels`);
	let text: string;
	try {
		text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new Error("is no JSON in UTF-8");
	}
	try {
		return JSON.parse(text);
	} catch {
		throw new Error("is no JSON");
	}
}

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];
const openers = [0x5b, 0x7b];
const closers = [0x5d, 0x7d];

/** How deep JSON is nested, and how many keys its objects have, equal ones counted each; of bytes that need not be JSON. */
export function measureJson(bytes: Uint8Array): { depth: number; keys: number } {
	let [level, depth, keys] = [0, 0, 0];
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at] as number;
		if (byte === quote) {
			for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
		} else if (openers.includes(byte)) depth = Math.max(depth, ++level);
		else if (closers.includes(byte)) level--;
		else if (byte === colon) keys++;
	}
	return { depth, keys };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of a file in an error: as JSON, on one line, and short however long it is. */
export function quoted(value: unknown): string {
	const text = JSON.stringify(value) ?? String(value);
	return text.length > 120 ? `${text.slice(0, 100)}… (${text.length} characters)` : text;
}

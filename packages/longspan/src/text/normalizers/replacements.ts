import type { JsonFields } from "../json-fields.js";

/** What the shortest known beginning of some bytes is replaced by, as bytes in UTF-8; null if none is known. */
export type FindReplacement = (bytes: Uint8Array) => Uint8Array | null;

/**
 * A table of replacements in base64: the bytes of a double-array trie (Aoe 1989, in the layout of the library Darts-clone), and
 * texts that end with 0.
 */
export function readReplacements(fields: JsonFields, name: string): FindReplacement {
	const bytes = decodeBase64(fields, name);
	const view = new DataView(bytes.buffer);
	const trieBytes = bytes.length >= 4 ? view.getUint32(0, true) : 0;
	if (trieBytes < 4 || trieBytes % 4 !== 0 || trieBytes > bytes.length - 4)
		return fields.refuse(name, "a table of replacements in base64");
	const units = Uint32Array.from({ length: trieBytes / 4 }, (_, index) => view.getUint32(4 + 4 * index, true));
	const texts = bytes.subarray(4 + trieBytes);
	return (key) => {
		let at = offsetOf(units[0] as number);
		for (const byte of key) {
			if (byte === 0) break;
			at ^= byte;
			const unit = units[at];
			if (unit === undefined || (unit & labelMask) >>> 0 !== byte) break;
			at ^= offsetOf(unit);
			if ((unit & hasLeaf) === 0) continue;
			const begin = (units[at] ?? 0) & valueMask;
			const end = texts.indexOf(0, begin);
			return texts.subarray(begin, end < 0 ? texts.length : end);
		}
		return null;
	};
}

// A unit of the trie: 8 bits of a label and the top bit for values, a flag for leaves, a flag for shifted offsets, an offset.
const labelMask = 0x800000ff;
const hasLeaf = 1 << 8;
const isShifted = 1 << 9;
const valueMask = 0x7fffffff;

function offsetOf(unit: number): number {
	return (unit >>> 10) << (unit & isShifted ? 8 : 0);
}

function decodeBase64(fields: JsonFields, name: string): Uint8Array<ArrayBuffer> {
	const text = fields.string(name);
	try {
		return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
	} catch {
		return fields.refuse(name, "a table of replacements in base64");
	}
}

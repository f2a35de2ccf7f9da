import { InputError } from "../errors.js";

/** Characters at the begin that are looked at for whether they are text. */
const sniffed = 2 ** 16;
/** Share of characters that are none in a file that is no text. */
const binaryShare = 0.1;

/** Text of bytes. */
export interface Decoded {
	readonly text: string;
	/** Name of an encoding in which some bytes are no characters: those are read as U+FFFD. */
	readonly invalid: string | undefined;
}

/**
 * Decodes bytes by their byte order mark, else as a document says of itself, else as UTF-8.
 *
 * @param declared encoding that the document names, if any; one that is not known counts for nothing
 * @throws InputError for bytes that are no text
 */
export function decodeText(bytes: Uint8Array, declared?: string): Decoded {
	const encoding = byteOrderMark(bytes) ?? knownEncoding(declared) ?? "utf-8";
	const { text, valid } = decode(bytes, encoding);
	const begin = text.slice(0, sniffed);
	const odd = begin.match(/[^\P{Cc}\t\n\v\f\r]|\ufffd/gu)?.length ?? 0;
	if (begin.includes("\0") || odd > binaryShare * begin.length)
		throw new InputError(
			`it is binary, or in another encoding than ${encoding.toUpperCase()}; expected text (UTF-8, or UTF-16 with a byte order mark), Markdown, HTML or PDF`,
		);
	return { text: text.replace(/\r\n?/g, "\n"), invalid: valid ? undefined : encoding.toUpperCase() };
}

function byteOrderMark([first, second, third]: Uint8Array): string | undefined {
	if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
	if (first === 0xff && second === 0xfe) return "utf-16le";
	if (first === 0xfe && second === 0xff) return "utf-16be";
	return undefined;
}

function knownEncoding(name: string | undefined): string | undefined {
	try {
		return name === undefined ? undefined : new TextDecoder(name).encoding;
	} catch {
		return undefined;
	}
}

function decode(bytes: Uint8Array, encoding: string): { text: string; valid: boolean } {
	try {
		return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), valid: true };
	} catch {
		return { text: new TextDecoder(encoding).decode(bytes), valid: false };
	}
}

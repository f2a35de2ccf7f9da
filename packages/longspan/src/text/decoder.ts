import { byteCharacters } from "./byte-characters.js";
import type { JsonFields } from "./json-fields.js";
import { libraryDecoder } from "./library.js";
import { readPattern } from "./pattern.js";

/** Turns tokens into the texts that they stand for, each or together. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

const readers: Readonly<Record<string, (fields: JsonFields) => Decoder>> = {
	BPEDecoder: (fields) => libraryDecoder({ type: "BPEDecoder", suffix: fields.string("suffix", "</w>") }),
	ByteFallback: () => decodeByteTokens,
	ByteLevel: () => (tokens) => [decodeBytes(tokens)],
	Fuse: () => libraryDecoder({ type: "Fuse" }),
	Metaspace: readMetaspace,
	Replace(fields) {
		readPattern(fields, "pattern");
		return libraryDecoder({ type: "Replace", pattern: fields.json.pattern, content: fields.string("content") });
	},
	Sequence(fields) {
		const steps = fields.objects("decoders").map((each) => readDecoder(each));
		return (tokens) => steps.reduce((decoded, step) => step(decoded), tokens);
	},
	Strip(fields) {
		const [content, start, stop] = [fields.string("content"), fields.id("start", 0), fields.id("stop", 0)];
		return libraryDecoder({ type: "Strip", content, start, stop });
	},
	WordPiece(fields) {
		const [prefix, cleanup] = [fields.string("prefix", "##"), fields.flag("cleanup", true)];
		return libraryDecoder({ type: "WordPiece", prefix, cleanup });
	},
};

/** A field `decoder` of tokenizer.json; tokens are parted by blanks if there is none. */
export function readDecoder(fields: JsonFields | null): Decoder {
	return fields ? fields.byType(readers)(fields) : (tokens) => [tokens.join(" ")];
}

function readMetaspace(fields: JsonFields): Decoder {
	const replacement = fields.string("replacement", "▁");
	const scheme = fields.flag("add_prefix_space", true) ? fields.string("prepend_scheme", "always") : "never";
	return (tokens) =>
		tokens.map((token, index) => token.replaceAll(replacement, index === 0 && scheme !== "never" ? "" : " "));
}

const bytes = new Map(byteCharacters.map((character, byte) => [character, byte]));
const encoder = new TextEncoder();

/** The text of bytes written as characters; a token with other characters stands for itself. */
function decodeBytes(tokens: readonly string[]): string {
	const all: number[] = [];
	for (const token of tokens) {
		const own = Array.from(token, (character) => bytes.get(character));
		for (const byte of own.includes(undefined) ? encoder.encode(token) : (own as number[])) all.push(byte);
	}
	return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(all));
}

const byteToken = /^<0x([0-9A-Fa-f]{2})>$/;

/** Tokens such as <0x41> as the text of their bytes; bytes that are no UTF-8 become as many replacement characters. */
function decodeByteTokens(tokens: readonly string[]): string[] {
	const texts: string[] = [];
	let pending: number[] = [];
	const flush = () => {
		if (pending.length === 0) return;
		try {
			texts.push(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(pending)));
		} catch {
			for (const _ of pending) texts.push("\ufffd");
		}
		pending = [];
	};
	for (const token of tokens) {
		const byte = byteToken.exec(token)?.[1];
		if (byte !== undefined) pending.push(Number.parseInt(byte, 16));
		else {
			flush();
			texts.push(token);
		}
	}
	flush();
	return texts;
}

/** Blanks before punctuation and contractions that tokens were written with, left out. */
export function cleanUpSpaces(text: string): string {
	return text
		.replace(/ ([.?!,])/g, "$1")
		.replaceAll(" ' ", "'")
		.replace(/ (n't|'m|'s|'ve|'re)/g, "$1");
}

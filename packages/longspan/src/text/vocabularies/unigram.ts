import { OptionError } from "../../errors.js";
import type { JsonFields } from "../json-fields.js";
import { PrefixTree } from "./prefix-tree.js";
import { addToken, byteTokens, noTokens, UnknownTextError, type Vocabulary, type WordTokens } from "./vocabulary.js";

/** How much less likely than the rarest token an unknown character is, in logarithms. */
const unknownPenalty = 10;

/**
 * Unigram language model (arXiv 1804.10959): the most likely tokens that a word can be made of, found by Viterbi's algorithm.
 * Unknown characters that follow each other become one token.
 */
export function readUnigram(fields: JsonFields): Vocabulary {
	const { pieces, scores } = readPieces(fields);
	const unknownId = fields.has("unk_id") ? fields.id("unk_id") : -1;
	if (unknownId >= pieces.length) return fields.refuse("unk_id", `a number below ${pieces.length}`);
	const usesBytes = fields.flag("byte_fallback", false);
	const ids = new Map(pieces.map((piece, id) => [piece, id]));
	const tree = new PrefixTree();
	for (const [piece, id] of ids) tree.add(piece, id);
	const unknownScore =
		scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - unknownPenalty;
	const paths = new Paths();

	/** Tokens of a part that is no piece, or more than one. */
	function addUnknown(tokens: WordTokens, text: string, begin: number, end: number): void {
		const known = ids.get(text);
		const bytes = known === undefined && usesBytes ? byteTokens(text) : [];
		if (bytes.length > 0 && bytes.every((byte) => ids.has(byte)))
			for (const byte of bytes) addToken(tokens, ids.get(byte) as number, byte, begin, end);
		else addToken(tokens, known ?? unknownId, text, begin, end);
	}

	return {
		ids,
		unknown: pieces[unknownId],
		tokenize(word) {
			paths.start(word.length);
			for (let begin = 0; begin < word.length; ) {
				const character = (word.codePointAt(begin) as number) > 0xffff ? 2 : 1;
				let hasCharacter = false;
				tree.find(word, begin, (end, id) => {
					paths.offer(begin, end, id, scores[id] as number);
					if (end - begin === character) hasCharacter = true;
				});
				if (!hasCharacter) {
					if (unknownId < 0) throw new UnknownTextError(word.slice(begin, begin + character));
					paths.offer(begin, begin + character, unknownId, unknownScore);
				}
				begin += character;
			}
			const tokens = noTokens();
			let unknownFrom = -1;
			for (const end of paths.best(word.length)) {
				const begin = paths.begin(end);
				const isUnknown = paths.id(end) === unknownId;
				if (isUnknown && unknownFrom < 0) unknownFrom = begin;
				if (!isUnknown) {
					if (unknownFrom >= 0) addUnknown(tokens, word.slice(unknownFrom, begin), unknownFrom, begin);
					unknownFrom = -1;
					addToken(tokens, paths.id(end), pieces[paths.id(end)] as string, begin, end);
				}
			}
			if (unknownFrom >= 0) addUnknown(tokens, word.slice(unknownFrom), unknownFrom, word.length);
			return tokens;
		},
	};
}

/** The best way to each place in a word: the last token of it, and its score. */
class Paths {
	#scores = new Float64Array(64);
	#begins = new Int32Array(64);
	#ids = new Int32Array(64);

	start(length: number): void {
		// One very long word does not keep its memory.
		if (length >= this.#begins.length || this.#begins.length > 65_536) {
			const capacity = Math.max(2 ** Math.ceil(Math.log2(length + 1)), 64);
			this.#scores = new Float64Array(capacity);
			this.#begins = new Int32Array(capacity);
			this.#ids = new Int32Array(capacity);
		}
		this.#begins.fill(-1, 0, length + 1);
		this.#scores[0] = 0;
	}

	/** A token from a place that is reached. */
	offer(begin: number, end: number, id: number, score: number): void {
		const total = (this.#scores[begin] as number) + score;
		if (this.#begins[end] !== -1 && total <= (this.#scores[end] as number)) return;
		this.#scores[end] = total;
		this.#begins[end] = begin;
		this.#ids[end] = id;
	}

	begin(end: number): number {
		return this.#begins[end] as number;
	}

	id(end: number): number {
		return this.#ids[end] as number;
	}

	/** Ends of the tokens of the best way, in order. */
	best(length: number): number[] {
		const ends: number[] = [];
		for (let end = length; end > 0; end = this.begin(end)) ends.push(end);
		return ends.reverse();
	}
}

function readPieces(fields: JsonFields): { pieces: string[]; scores: number[] } {
	const list = fields.list("vocab");
	const pieces: string[] = [];
	const scores: number[] = [];
	for (const [index, entry] of list.entries()) {
		const [piece, score] = Array.isArray(entry) ? entry : [];
		if (typeof piece !== "string" || typeof score !== "number")
			throw new OptionError(
				`${fields.source}: ${fields.path}.vocab[${index}] is no token with its score; expected both`,
			);
		pieces.push(piece);
		scores.push(score);
	}
	return { pieces, scores };
}

import { OptionError } from "../../errors.js";
import type { JsonFields } from "../json-fields.js";
import { MergeQueue } from "./merge-queue.js";
import { PairTable } from "./pair-table.js";
import { addToken, byteTokens, noTokens, readIds, type Vocabulary, type WordTokens } from "./vocabulary.js";

/** Byte-pair encoding (arXiv 1508.07909): of the pairs of neighbours, the one that was learnt first is joined, until none is left. */
export function readBpe(fields: JsonFields): Vocabulary {
	if (fields.number("dropout", 0) !== 0) fields.refuse("dropout", "null, as the same text must give the same tokens");
	const ids = readIds(fields);
	const prefix = fields.string("continuing_subword_prefix", "");
	const suffix = fields.string("end_of_word_suffix", "");
	const unknown = fields.has("unk_token") ? fields.string("unk_token") : undefined;
	const fuses = fields.flag("fuse_unk", false);
	const usesBytes = fields.flag("byte_fallback", false);
	const ignoresMerges = fields.flag("ignore_merges", false);
	const tokenOf = new Map(Array.from(ids, ([token, id]) => [id, token]));
	const { ranks, results } = readMerges(fields, ids, prefix.length);
	const unknownId = unknown === undefined ? undefined : ids.get(unknown);

	/** Characters of a word as tokens; one that is unknown to a vocabulary without a token for that is left out. */
	function characters(word: string): WordTokens {
		const found = noTokens();
		let isLastUnknown = false;
		for (let begin = 0, end = 0; begin < word.length; begin = end) {
			end = begin + ((word.codePointAt(begin) as number) > 0xffff ? 2 : 1);
			const text = (begin > 0 ? prefix : "") + word.slice(begin, end) + (end === word.length ? suffix : "");
			const id = ids.get(text);
			const bytes = id === undefined && usesBytes ? byteTokens(text) : [];
			if (id !== undefined) addToken(found, id, text, begin, end);
			else if (bytes.length > 0 && bytes.every((byte) => ids.has(byte)))
				for (const byte of bytes) addToken(found, ids.get(byte) as number, byte, begin, end);
			else if (unknown !== undefined && unknownId !== undefined) {
				if (fuses && isLastUnknown) found.ends[found.ends.length - 1] = end;
				else addToken(found, unknownId, unknown, begin, end);
				isLastUnknown = true;
				continue;
			}
			isLastUnknown = false;
		}
		return found;
	}

	return {
		ids,
		unknown,
		tokenize(word) {
			const whole = ignoresMerges ? ids.get(word) : undefined;
			const found = whole === undefined ? characters(word) : noTokens();
			if (whole !== undefined) addToken(found, whole, word, 0, word.length);
			return found.ids.length > 1 ? join(found, ranks, results, tokenOf) : found;
		},
	};
}

/** Joins pairs of neighbours, those of the lowest rank first, of equal ones the leftmost. */
function join(
	from: WordTokens,
	ranks: PairTable,
	results: Int32Array,
	tokenOf: ReadonlyMap<number, string>,
): WordTokens {
	const count = from.ids.length;
	const ids = Int32Array.from(from.ids);
	/** The token after one; -1 marks one that was joined to that before it. */
	const next = Int32Array.from({ length: count }, (_, index) => index + 1);
	const previous = Int32Array.from({ length: count }, (_, index) => index - 1);
	const rankAt = (index: number) =>
		(next[index] as number) < count ? ranks.get(ids[index] as number, ids[next[index] as number] as number) : -1;
	const queue = new MergeQueue(count);
	const offer = (index: number) => {
		const rank = rankAt(index);
		if (rank >= 0) queue.push(rank, index);
	};
	for (let index = 0; index < count - 1; index++) offer(index);
	while (queue.pop()) {
		const { rank, index } = queue;
		// Either of the pair may have changed since it was offered.
		if (next[index] === -1 || rankAt(index) !== rank) continue;
		const joined = next[index] as number;
		const after = next[joined] as number;
		ids[index] = results[rank] as number;
		next[index] = after;
		next[joined] = -1;
		if (after < count) previous[after] = index;
		const before = previous[index] as number;
		if (before >= 0) offer(before);
		offer(index);
	}
	const tokens = noTokens();
	for (let index = 0; index < count; index = next[index] as number) {
		const last = (next[index] as number) - 1;
		const id = ids[index] as number;
		addToken(tokens, id, tokenOf.get(id) as string, from.begins[index] as number, from.ends[last] as number);
	}
	return tokens;
}

/** Ranks of pairs by ids, and the token that each rank makes. */
function readMerges(
	fields: JsonFields,
	ids: ReadonlyMap<string, number>,
	prefixLength: number,
): { ranks: PairTable; results: Int32Array } {
	const merges = fields.list("merges");
	const ranks = new PairTable(merges.length);
	const results = new Int32Array(merges.length);
	for (const [rank, merge] of merges.entries()) {
		const [left, right, more] = typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? merge : [];
		const isPair = typeof left === "string" && typeof right === "string" && more === undefined;
		const [leftId, rightId, result] = isPair
			? [ids.get(left), ids.get(right), ids.get(left + right.slice(prefixLength))]
			: [];
		if (leftId === undefined || rightId === undefined || result === undefined)
			throw new OptionError(
				`${fields.source}: ${fields.path}.merges[${rank}] is ${JSON.stringify(merge)?.slice(0, 80)}; expected a pair of tokens that make one`,
			);
		ranks.set(leftId, rightId, rank);
		results[rank] = result;
	}
	return { ranks, results };
}

import { type AddedToken, findAddedTokens } from "./added-tokens.js";
import { AlignedText } from "./aligned-text.js";
import type { JsonFields } from "./json-fields.js";
import { readNormalizer } from "./normalizers/normalizer.js";
import { type PostProcessor, trimOffsets } from "./post-processor.js";
import { readPreTokenizer } from "./pre-tokenizers/pre-tokenizer.js";
import type { Encoding } from "./tokenizer.js";
import type { Vocabulary, WordTokens } from "./vocabularies/vocabulary.js";

/** Longer words are rare; and an engine may keep the whole of a text for a longer part of it. */
const maxKnownWordLength = 12;
const maxKnownWords = 20_000;
const loneSurrogates = /\p{Surrogate}/gu;

/** Encodes a text without the special tokens around it: added tokens first, then normalised parts word by word. */
export function encodeText(
	file: JsonFields,
	vocabulary: Vocabulary,
	added: readonly AddedToken[],
	trim: PostProcessor["trim"],
): (text: string) => Encoding {
	const normalizerFields = file.objectOrNull("normalizer");
	const normalize = normalizerFields ? readNormalizer(normalizerFields) : (text: AlignedText) => text;
	const splitterFields = file.objectOrNull("pre_tokenizer");
	const split = splitterFields ? readPreTokenizer(splitterFields) : undefined;
	const verbatim = added.filter(({ normalized }) => !normalized);
	const normalized = added.filter(({ normalized }) => normalized);
	const findVerbatim = findAddedTokens(verbatim, contentsOf(verbatim));
	const findNormalized = findAddedTokens(
		normalized,
		contentsOf(normalized).map((content) => normalize(new AlignedText(content)).text),
	);
	const known = new Map<string, WordTokens>();
	const tokenize = (word: string): WordTokens => {
		if (word.length > maxKnownWordLength) return vocabulary.tokenize(word);
		let found = known.get(word);
		if (!found) {
			found = vocabulary.tokenize(word);
			if (known.size >= maxKnownWords) known.clear();
			known.set(word, found);
		}
		return found;
	};

	return (text) => {
		const ids: number[] = [];
		const tokens: string[] = [];
		const offsets: [begin: number, end: number][] = [];
		const take = (word: AlignedText) => {
			const found = tokenize(word.text);
			for (let index = 0; index < found.ids.length; index++) {
				ids.push(found.ids[index] as number);
				tokens.push(found.tokens[index] as string);
				offsets.push([word.begin(found.begins[index] as number), word.end((found.ends[index] as number) - 1)]);
			}
		};
		const takeAdded = (section: AlignedText, { id }: AddedToken) => {
			ids.push(id);
			tokens.push(section.text);
			offsets.push([section.begin(0), section.end(section.length - 1)]);
		};
		// Offsets stay, as what replaces half of a pair is one unit too.
		const wellFormed = text.replace(loneSurrogates, "\ufffd");
		findVerbatim(new AlignedText(wellFormed), (section, token) => {
			if (token) return takeAdded(section, token);
			findNormalized(normalize(section), (part, inner) => {
				if (inner) takeAdded(part, inner);
				else if (split) split(part, take);
				else take(part);
			});
		});
		if (trim) trimOffsets(wellFormed, tokens, offsets, trim);
		return { ids, tokens, offsets, typeIds: new Array(ids.length).fill(0), sources: new Array(ids.length).fill(0) };
	};
}

function contentsOf(tokens: readonly AddedToken[]): string[] {
	return tokens.map(({ content }) => content);
}

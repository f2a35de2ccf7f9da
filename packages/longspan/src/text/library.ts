import { Tokenizer } from "@huggingface/tokenizers";

/** A decoder of the library: turns tokens into the texts that they stand for. */
interface LibraryDecoder {
	decode_chain(tokens: string[]): string[];
}

const empty = {
	added_tokens: [],
	normalizer: null,
	pre_tokenizer: null,
	post_processor: null,
	decoder: null,
	model: { type: "WordPiece", vocab: {}, unk_token: "", continuing_subword_prefix: "" },
};

/** Parts of a tokenizer that has nothing else: the library's declarations have no classes of its parts. */
function partsOf(description: object): { decoder: LibraryDecoder; pre_tokenizer: { pattern: RegExp | null } } {
	// biome-ignore lint/suspicious/noExplicitAny: see above
	return new Tokenizer({ ...empty, ...description } as any, {}) as any;
}

/** A decoder as tokenizer.json describes it. */
export function libraryDecoder(decoder: object): (tokens: readonly string[]) => readonly string[] {
	const made = partsOf({ decoder }).decoder;
	return (tokens) => made.decode_chain([...tokens]);
}

/** A regular expression of Oniguruma, which tokenizer.json is written for, as one of JavaScript; it throws if there is none. */
export function compileRegex(expression: string): RegExp {
	const pattern = { Regex: expression };
	const compiled = partsOf({ pre_tokenizer: { type: "Split", pattern, behavior: "Isolated", invert: true } });
	if (!compiled.pre_tokenizer.pattern) throw new SyntaxError("no regular expression");
	return compiled.pre_tokenizer.pattern;
}

import type { Tokenizer } from "longspan";

/** Tokens of texts, with the special tokens around each. */
export function countTokens(tokenizer: Tokenizer, texts: readonly unknown[]): number {
	return texts.reduce<number>((sum, text) => sum + tokenizer.encode(text as string).ids.length, 0);
}

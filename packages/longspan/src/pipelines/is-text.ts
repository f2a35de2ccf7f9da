import type { Tokenizer } from "../text/tokenizer.js";

/** Whether a token stands for text: any that is not special, and the one for what the vocabulary does not have. */
export function isText(tokenizer: Tokenizer, id: number): boolean {
	return !tokenizer.isSpecial(id) || id === tokenizer.special.unk?.id;
}

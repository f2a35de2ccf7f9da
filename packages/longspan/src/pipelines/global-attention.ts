import type { Encoding } from "../text/tokenizer.js";

/**
 * Which tokens of Longformer and LED see and are seen by all (Beltagy et al. 2020, arXiv 2004.05150, section 3.1): the first token, as
 * for classification, embeddings and summaries; all tokens of the question and those before, as for question answering; or none, as
 * for token classification and masks. Other models have none to choose.
 */
export type GlobalAttention = "none" | "first" | "question";

export const globalAttentionChoices: readonly GlobalAttention[] = ["none", "first", "question"];

/** Whether models of a `model_type` take a mask of global tokens. */
export function hasGlobalAttention(modelType: string): boolean {
	return modelType === "longformer" || modelType === "led";
}

/** How many tokens, from the first on, are global. */
export function globalTokens(choice: GlobalAttention, { sources }: Encoding): number {
	if (choice === "none") return 0;
	return choice === "first" ? 1 : Math.max(1, sources.lastIndexOf(0) + 1);
}

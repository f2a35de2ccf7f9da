import type { FillMaskSingle } from "longspan";
import { textTable } from "../output/text-table.js";
import { parseInteger } from "../parse-number.js";
import { documentTask, type TaskVerb } from "./document-task.js";
import { formatScore } from "./format-score.js";

interface RawFillMaskOptions {
	topK: string;
	maskToken?: string;
}

/** The verb `fill-mask`. */
export const fillMask: TaskVerb<RawFillMaskOptions> = {
	name: "fill-mask",
	summary: "tokens for the gaps of documents by a pretrained model",
	description:
		"Says what may stand where each document has the mask token of the model, such as <mask> or [MASK]: a list for each of them, in order.",
	addOptions: (command) =>
		command
			.option("--top-k <count>", "how many tokens to tell for each, the likeliest first", "5")
			.option("--mask-token <token>", "the token to be filled in; default: what the tokenizer says"),
	parse({ topK, maskToken }) {
		const options = {
			top_k: parseInteger("--top-k", topK, 1),
			...(maskToken !== undefined && { mask_token: maskToken }),
		};
		return documentTask("fill-mask", options, async (pipeline, { text }, reading) => {
			const found = await pipeline(text, { ...reading, ...options });
			const lists = (Array.isArray(found[0]) ? found : [found]) as FillMaskSingle[][];
			// Without the sequence, which has the whole document in it.
			const result = lists.map((choices) => choices.map(({ sequence: _, ...choice }) => choice));
			const columns = [
				{ title: "mask", align: "right" },
				{ title: "token", align: "left" },
				{ title: "score", align: "right" },
			] as const;
			const lines = result.flatMap((choices, mask) => [
				...(mask > 0 ? [null] : []),
				...choices.map(({ token, token_str, score }) => [
					String(mask + 1),
					pipeline.tokenizer.decode([token]).trim() || token_str,
					formatScore(score),
				]),
			]);
			return { result, overflow: found.overflow, text: `${textTable({ columns, lines })}\n` };
		});
	},
};

import { OptionError } from "../errors.js";
import { checkNumber, checkOptions, describe } from "../ops/operands.js";
import type { LogitsOutputs } from "../pretrained/tasks.js";
import { intTensor } from "../tensor/create.js";
import type { Encoding, Tokenizer } from "../text/tokenizer.js";
import { type Document, readDocument } from "./document.js";
import { type ResultList, withOverflow } from "./overflow.js";
import { highest, probabilitiesOf } from "./probabilities.js";
import {
	type PipelineContext,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";
import { runWindows, type WindowInput } from "./run-windows.js";
import { windowAround } from "./windows.js";

export interface FillMaskOptions extends ReadingOptions {
	/** How many tokens are returned for a mask, the likeliest first. Default: 5. */
	top_k?: number | undefined;
	/** The token to be filled in, for vocabularies without a mask token. Default: the mask token of the tokenizer. */
	mask_token?: string | undefined;
}

export interface FillMaskSingle {
	/** Probability of the token. */
	score: number;
	/** Id of the token. */
	token: number;
	/** The token as text. */
	token_str: string;
	/** The text with the token filled in; other masks stay. */
	sequence: string;
}

/** What may fill the mask of a text; for a text with several masks, a list for each. */
export type FillMaskOutput = ResultList<FillMaskSingle> | ResultList<FillMaskSingle[]>;

export interface FillMask {
	(text: string, options?: FillMaskOptions): Promise<FillMaskOutput>;
	(texts: readonly string[], options?: FillMaskOptions): Promise<FillMaskOutput[]>;
}

/**
 * Says what may stand in place of mask tokens. In a text that is too long, with `overflow: "stride"`, each mask is read in a window
 * of its own with the mask in the middle; text that is in none of them is not read. Global attention: none.
 */
export async function fillMasks(
	context: PipelineContext<"masked-lm">,
	texts: string | readonly string[],
	options: FillMaskOptions = {},
): Promise<FillMaskOutput | FillMaskOutput[]> {
	const { name, model, tokenizer } = context;
	checkOptions(name, options, { ...readingOptionNames, top_k: true, mask_token: true });
	const { top_k: topK = 5, mask_token: maskToken } = options;
	checkNumber(name, "top_k", topK, { min: 1, integer: true });
	const mask = maskOf(name, tokenizer, maskToken);
	const list = textsOf(name, "the text", texts);
	const reading = readingOf(context, options, "none");
	const masksOf = ({ ids }: Encoding) => {
		const tokens: number[] = [];
		for (let at = ids.indexOf(mask.id); at >= 0; at = ids.indexOf(mask.id, at + 1)) tokens.push(at);
		return tokens;
	};
	const documents = list.map((text, index) =>
		readDocument(reading, text, {
			called: textName("text", index, list.length),
			divide: (content, capacity) => masksOf(content).map((token) => windowAround(token, content.ids.length, capacity)),
		}),
	);
	const masks = documents.map(({ content, windows }, index) => {
		const all = masksOf(content);
		const read = all.filter((token) => windows.some(({ end }) => token < end));
		if (read.length > 0) return read;
		const called = textName("text", index, list.length);
		throw new OptionError(
			all.length === 0
				? `${name}: ${called} has no mask token; expected ${mask.token} in it`
				: `${name}: the mask token of ${called} is in the part that is cut; pass overflow: "stride"`,
		);
	});
	const ownMasks = ({ document, window }: Pick<WindowInput, "document" | "window">) =>
		(masks[document] as readonly number[]).filter((token) => token >= window.ownBegin && token < window.ownEnd);
	const filled = documents.map(() => new Map<number, FillMaskSingle[]>());
	let vocabulary = 0;
	await runWindows(
		reading,
		documents,
		(inputs, windows) => {
			const length = inputs.inputIds.shape[1] as number;
			// As many positions for each window: the first is repeated.
			const most = windows.reduce((count, window) => Math.max(count, ownMasks(window).length), 0);
			const positions = windows.flatMap((window, row) => {
				const at = ownMasks(window).map((token) => row * length + window.textAt + token - window.window.begin);
				return Array.from({ length: most }, (_, index) => at[index] ?? (at[0] as number));
			});
			const { logits } = model.forward({
				...inputs,
				positions: intTensor(positions, [positions.length], model.device),
			}) as LogitsOutputs;
			vocabulary = logits.shape[1] as number;
			return [logits];
		},
		(input, [logits]) => {
			const { content } = documents[input.document] as Document;
			const single = masks[input.document]?.length === 1;
			for (const [index, token] of ownMasks(input).entries()) {
				const scores = (logits as Float32Array).subarray(index * vocabulary, (index + 1) * vocabulary);
				const probabilities = probabilitiesOf(scores);
				const choices = highest(probabilities, topK).map((id) => ({
					score: probabilities[id] as number,
					token: id,
					token_str: tokenizer.decode([id]),
					sequence: tokenizer.decode(content.ids.with(token, id), { skipSpecialTokens: single }),
				}));
				filled[input.document]?.set(token, choices);
			}
		},
	);
	const results = documents.map(({ overflow }, index) => {
		const lists = (masks[index] as readonly number[]).map((token) => filled[index]?.get(token) as FillMaskSingle[]);
		return withOverflow<FillMaskOutput>(lists.length === 1 ? (lists[0] as FillMaskSingle[]) : lists, overflow);
	});
	return Array.isArray(texts) ? results : (results[0] as FillMaskOutput);
}

function maskOf(name: string, tokenizer: Tokenizer, token: string | undefined): { token: string; id: number } {
	if (token === undefined) {
		if (tokenizer.special.mask) return tokenizer.special.mask;
		throw new OptionError(`${name}: the tokenizer has no mask token; name the token to fill in by mask_token`);
	}
	const id = typeof token === "string" ? tokenizer.idOf(token) : undefined;
	if (id === undefined)
		throw new OptionError(`${name}: mask_token is ${describe(token)}; expected a token of the vocabulary`);
	return { token, id };
}

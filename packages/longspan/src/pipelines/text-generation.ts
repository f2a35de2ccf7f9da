import { OptionError } from "../errors.js";
import { generateTokens } from "../generate/generate-tokens.js";
import type { GenerationSettings } from "../generate/settings/generation-options.js";
import { checkFlag } from "../ops/operands.js";
import { intTensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { batchesOf } from "./batches.js";
import { type GenerationCallOptions, settingsOf, splitOptions } from "./generation-options.js";
import { type Overflow, type WithOverflow, withOverflow } from "./overflow.js";
import {
	type PipelineContext,
	type Reading,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";

interface TextGenerationOwnOptions extends Omit<ReadingOptions, "overflow"> {
	/** For prompts that leave no room for the tokens to come: "truncate" reads the end of the prompt. Default: "error". */
	overflow?: "error" | "truncate" | undefined;
	/** Whether the prompt is returned with what follows it. Default: true. */
	return_full_text?: boolean | undefined;
	/** Whether the special tokens that the model expects around a text are put around the prompt. Default: false. */
	add_special_tokens?: boolean | undefined;
}

export type TextGenerationOptions = TextGenerationOwnOptions & GenerationCallOptions;

export interface TextGenerationSingle extends WithOverflow {
	generated_text: string;
}

/** For a prompt: a list of one text, or of `num_return_sequences`. For a list of prompts: that of each. */
export interface TextGeneration {
	(prompt: string, options?: TextGenerationOptions): Promise<TextGenerationSingle[]>;
	(prompts: readonly string[], options?: TextGenerationOptions): Promise<TextGenerationSingle[][]>;
}

/** As in transformers' `generate`. */
const defaultNewTokens = 20;

interface Prompt {
	readonly index: number;
	readonly ids: readonly number[];
	readonly length: number;
	readonly overflow: Overflow | undefined;
}

/** Goes on with texts. Prompts of the same length are computed together. An empty prompt is the token texts begin with. */
export async function continueTexts(
	context: PipelineContext<"causal-lm">,
	prompts: string | readonly string[],
	options: TextGenerationOptions = {},
): Promise<TextGenerationSingle[] | TextGenerationSingle[][]> {
	const { name, tokenizer } = context;
	const { own, generation } = splitOptions<TextGenerationOwnOptions>(name, options, {
		...readingOptionNames,
		return_full_text: true,
		add_special_tokens: true,
	});
	const { return_full_text: full = true, add_special_tokens: addSpecialTokens = false, ...readingOptions } = own;
	checkFlag(name, "return_full_text", full);
	checkFlag(name, "add_special_tokens", addSpecialTokens);
	if ((own.overflow as string | undefined) === "stride")
		throw new OptionError(
			`${name}: overflow is "stride"; expected "error" or "truncate", which reads the end of a prompt`,
		);
	const list = textsOf(name, "the prompt", prompts);
	const reading = readingOf(context, readingOptions, "none");
	const settings = settingsOf(context, generation);
	const read = list.map((text, index) => {
		const { ids } = tokenizer.encode(text, { addSpecialTokens });
		return { index, ...promptOf(reading, ids, textName("prompt", index, list.length), settings) };
	});
	const results: TextGenerationSingle[][] = list.map(() => []);
	let done = 0;
	for (const batch of batchesOf(read, reading.batchSize, true)) {
		for (const [row, sequences] of (await continueBatch(reading, batch, settings)).entries()) {
			const { index, overflow } = batch[row] as Prompt;
			results[index] = sequences.map((text) =>
				withOverflow({ generated_text: full ? `${list[index]}${text}` : text }, overflow),
			);
		}
		done += batch.length;
		reading.progress({ done, total: read.length });
	}
	return Array.isArray(prompts) ? results : (results[0] as TextGenerationSingle[]);
}

/** The tokens of a prompt, cut at the begin if asked for and they leave no room. */
function promptOf(
	{ name, limit, overflow: policy }: Reading,
	ids: readonly number[],
	called: string,
	{ maxNewTokens, maxLength, bosTokenId }: GenerationSettings,
): Omit<Prompt, "index"> {
	if (ids.length === 0) {
		if (bosTokenId !== null) return { ids: [bosTokenId], length: 1, overflow: undefined };
		throw new OptionError(
			`${name}: ${called} has no tokens; expected some text, as the model has no token to begin with`,
		);
	}
	const tokens = ids.length;
	const added = maxNewTokens ?? (maxLength === undefined ? defaultNewTokens : Math.max(1, maxLength - tokens));
	// The last token is not read.
	const room = limit - added + 1;
	if (tokens <= room) return { ids, length: tokens, overflow: undefined };
	if (policy === "error" || room < 1)
		throw new OptionError(
			`${name}: ${called} makes ${tokens} tokens and ${added} are to follow, the model takes ${limit}; ` +
				`${room < 1 ? "ask for fewer by max_new_tokens" : 'pass overflow: "truncate" to read its end, or ask for fewer by max_new_tokens'}`,
		);
	const overflow = { policy: "truncate", tokens, limit: room, windows: 1, dropped: tokens - room } as const;
	return { ids: ids.slice(-room), length: room, overflow };
}

/** What follows each prompt of a batch, the best first. All have as many tokens. */
async function continueBatch(
	{ model, tokenizer, signal }: Reading<"causal-lm">,
	prompts: readonly Prompt[],
	settings: GenerationSettings,
): Promise<string[][]> {
	const { length } = prompts[0] as Prompt;
	const inputIds = intTensor(
		prompts.flatMap((prompt) => prompt.ids),
		[prompts.length, length],
		model.device,
	);
	try {
		const session = scope(() => model.startDecoding({ inputIds }));
		try {
			const sequences = await generateTokens(
				session,
				prompts.map((prompt) => prompt.ids),
				{ ...settings, signal, device: model.device },
			);
			return sequences.map((own, row) =>
				own.map((sequence) => textAfter(tokenizer, prompts[row] as Prompt, sequence.ids)),
			);
		} finally {
			session.dispose();
		}
	} finally {
		inputIds.dispose();
	}
}

/** The text of tokens that follow others: they may begin with a blank that they would not have at the begin of a text. */
function textAfter(tokenizer: Tokenizer, { ids }: Prompt, following: readonly number[]): string {
	const before = tokenizer.decode(ids, { skipSpecialTokens: true });
	const whole = tokenizer.decode([...ids, ...following], { skipSpecialTokens: true });
	return whole.slice(before.length);
}

import { OptionError } from "../errors.js";
import { generateTokens } from "../generate/generate-tokens.js";
import type { GenerationSettings } from "../generate/settings/generation-options.js";
import type { PretrainedModel } from "../pretrained/model.js";
import { keep, scope } from "../tensor/scope.js";
import { treeTensors } from "../tensor/tree.js";
import type { Encoding } from "../text/tokenizer.js";
import { batchesOf, paddingMatters } from "./batches.js";
import { readDocument } from "./document.js";
import { type GenerationCallOptions, settingsOf, splitOptions } from "./generation-options.js";
import { modelInputs } from "./model-inputs.js";
import { type WithOverflow, withOverflow } from "./overflow.js";
import {
	type PipelineContext,
	type Reading,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";

export interface SummarizationSingle extends WithOverflow {
	summary_text: string;
}

export interface Text2TextGenerationSingle extends WithOverflow {
	generated_text: string;
}

export type TextToTextOptions = ReadingOptions & GenerationCallOptions;

/** A list with the text for each text given, or `num_return_sequences` for each. */
export type Summarization = (
	texts: string | readonly string[],
	options?: TextToTextOptions,
) => Promise<SummarizationSingle[]>;

/** A list with the text for each text given, or `num_return_sequences` for each. */
export type Text2TextGeneration = (
	texts: string | readonly string[],
	options?: TextToTextOptions,
) => Promise<Text2TextGenerationSingle[]>;

/** Writes summaries: `summary_text`. As `writeTexts`. */
export async function summarizeTexts(
	context: PipelineContext<"seq2seq-lm">,
	texts: string | readonly string[],
	options: TextToTextOptions = {},
): Promise<SummarizationSingle[]> {
	const written = await writeTexts(context, texts, options);
	return written.map(({ text, overflow }) => withOverflow({ summary_text: text }, overflow));
}

/** Writes texts about texts: `generated_text`. As `writeTexts`. */
export async function generateFromTexts(
	context: PipelineContext<"seq2seq-lm">,
	texts: string | readonly string[],
	options: TextToTextOptions = {},
): Promise<Text2TextGenerationSingle[]> {
	const written = await writeTexts(context, texts, options);
	return written.map(({ text, overflow }) => withOverflow({ generated_text: text }, overflow));
}

/**
 * Writes a text about each text by an encoder–decoder. For a text in windows, one is written about each window; they are joined by
 * blanks. A prefix that config.json wants before texts is put there. Global attention: the first token.
 */
async function writeTexts(
	context: PipelineContext<"seq2seq-lm">,
	texts: string | readonly string[],
	options: TextToTextOptions,
): Promise<(WithOverflow & { text: string })[]> {
	const { name, model } = context;
	const { own, generation } = splitOptions<ReadingOptions>(name, options, readingOptionNames);
	const list = textsOf(name, "the text", texts);
	const reading = readingOf(context, own, "first");
	const settings = settingsOf(context, generation);
	if (settings.decoderStartTokenId === null)
		throw new OptionError(
			`${name}: the checkpoint does not say what its decoder begins with; expected the option decoder_start_token_id`,
		);
	const prefix = prefixOf(model, name);
	const documents = list.map((text, index) =>
		readDocument(reading, prefix + text, { called: textName("text", index, list.length) }),
	);
	const items = documents.flatMap((document, index) =>
		document.windows.map((window, part) => ({
			index,
			part,
			window,
			length: document.around + window.end - window.begin,
		})),
	);
	// By document, rank among its sequences, and window.
	const written: string[][][] = documents.map(() => []);
	let done = 0;
	for (const batch of batchesOf(items, reading.batchSize, paddingMatters(model.modelType))) {
		const encodings = batch.map(({ index, window }) => documents[index]?.inputOf(window) as Encoding);
		for (const [row, sequences] of (await writeBatch(reading, encodings, settings)).entries()) {
			const { index, part } = batch[row] as (typeof batch)[number];
			for (const [rank, text] of sequences.entries()) ((written[index] as string[][])[rank] ??= [])[part] = text;
		}
		done += batch.length;
		reading.progress({ done, total: items.length });
	}
	return documents.flatMap(({ overflow }, index) =>
		(written[index] as string[][]).map((parts) =>
			withOverflow({ text: parts.filter((part) => part !== undefined).join(" ") }, overflow),
		),
	);
}

/** What is written about each input of a batch, the best first. */
async function writeBatch(
	reading: Reading<"seq2seq-lm">,
	encodings: readonly Encoding[],
	settings: GenerationSettings,
): Promise<string[][]> {
	const { model, tokenizer, signal } = reading;
	const inputs = keep(scope(() => modelInputs(reading, encodings)));
	try {
		const session = scope(() => model.startDecoding(inputs));
		try {
			const start = settings.decoderStartTokenId as number;
			const sequences = await generateTokens(
				session,
				encodings.map(() => [start]),
				{ ...settings, encoderIds: encodings.map(({ ids }) => ids), signal, device: model.device },
			);
			return sequences.map((own) => own.map(({ ids }) => tokenizer.decode(ids, { skipSpecialTokens: true })));
		} finally {
			session.dispose();
		}
	} finally {
		for (const tensor of treeTensors(inputs)) tensor.dispose();
	}
}

/** What config.json wants before the texts of a task. */
function prefixOf({ config }: PretrainedModel, task: string): string {
	const { prefix, task_specific_params: ofTasks } = config as {
		prefix?: unknown;
		task_specific_params?: { [task: string]: { prefix?: unknown } } | null;
	};
	return [ofTasks?.[task]?.prefix, prefix].filter((part) => typeof part === "string").join("");
}

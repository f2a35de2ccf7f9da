import type { GenerationCallOptions } from "longspan";
import { parseInteger, parseNumber } from "../parse-number.js";
import { type DocumentTask, documentTask, type TaskVerb } from "./document-task.js";

/** Generation as the command line gives it. */
interface RawSummarizeOptions {
	maxNewTokens?: string;
	minNewTokens?: string;
	maxLength?: string;
	minLength?: string;
	numBeams?: string;
	lengthPenalty?: string;
	/** `--no-repeat-ngram-size`, which is read as the negation of an option; true if it is not given. */
	repeatNgramSize: string | true;
	repetitionPenalty?: string;
	earlyStopping?: true;
	doSample?: true;
	temperature?: string;
	topK?: string;
	topP?: string;
	seed?: string;
}

/** The verb `summarize`. */
export const summarize: TaskVerb<RawSummarizeOptions> = {
	name: "summarize",
	summary: "summaries of documents by a pretrained model",
	description:
		"Writes a summary of each document by an encoder–decoder. Whatever is not given is as generation_config.json of the model says. Of a document in windows (--overflow stride), the summaries of the windows are joined.",
	addOptions: (command) =>
		command
			.option("--max-new-tokens <count>", "the most tokens of a summary")
			.option("--min-new-tokens <count>", "the fewest tokens of a summary")
			.option("--max-length <count>", "the most tokens with the first, which starts the decoder")
			.option("--min-length <count>", "the fewest tokens with the first")
			.option("--num-beams <count>", "sequences that beam search keeps; 1: always the likeliest token")
			.option("--length-penalty <power>", "above 0, beam search favours long summaries")
			.option("--no-repeat-ngram-size <count>", "no run of so many tokens comes twice")
			.option("--repetition-penalty <factor>", "above 1, tokens that are there are less likely")
			.option("--early-stopping", "beam search ends with as many sequences as there are beams")
			.option("--do-sample", "draw tokens at random, unless the model does anyway")
			.option("--temperature <number>", "where tokens are drawn: below 1 likelier tokens, above 1 others")
			.option("--top-k <count>", "where tokens are drawn: from so many of the likeliest tokens; 0 for all")
			.option(
				"--top-p <share>",
				"where tokens are drawn: from the likeliest that make up this share of the probability",
			)
			.option("--seed <number>", "where tokens are drawn: seed of the random numbers"),
	parse(raw) {
		const options = generationOptions(raw);
		return documentTask("summarization", options, async (pipeline, { text }, reading) => {
			const [summary] = await pipeline(text, { ...reading, ...options });
			const { overflow, ...result } = summary ?? { summary_text: "" };
			return { result, overflow, text: `${result.summary_text.trim()}\n` };
		});
	},
};

function generationOptions(raw: RawSummarizeOptions): GenerationCallOptions & DocumentTask["options"] {
	const { repeatNgramSize, earlyStopping, doSample } = raw;
	const integer = (option: string, text: string | undefined, min = 0) =>
		text === undefined ? undefined : parseInteger(option, text, min);
	const number = (option: string, text: string | undefined) =>
		text === undefined ? undefined : parseNumber(option, text);
	const options: GenerationCallOptions = {
		max_new_tokens: integer("--max-new-tokens", raw.maxNewTokens, 1),
		min_new_tokens: integer("--min-new-tokens", raw.minNewTokens),
		max_length: integer("--max-length", raw.maxLength, 1),
		min_length: integer("--min-length", raw.minLength),
		num_beams: integer("--num-beams", raw.numBeams, 1),
		length_penalty: number("--length-penalty", raw.lengthPenalty),
		no_repeat_ngram_size: repeatNgramSize === true ? undefined : integer("--no-repeat-ngram-size", repeatNgramSize),
		repetition_penalty: number("--repetition-penalty", raw.repetitionPenalty),
		early_stopping: earlyStopping,
		do_sample: doSample,
		temperature: number("--temperature", raw.temperature),
		top_k: integer("--top-k", raw.topK),
		top_p: number("--top-p", raw.topP),
		seed: integer("--seed", raw.seed),
	};
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

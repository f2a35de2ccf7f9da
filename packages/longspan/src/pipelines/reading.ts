import { OptionError } from "../errors.js";
import { checkChoice, checkFunction, checkNumber, describe, type OptionNames } from "../ops/operands.js";
import type { PretrainedModel } from "../pretrained/model.js";
import type { Task } from "../pretrained/tasks.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { type GlobalAttention, globalAttentionChoices } from "./global-attention.js";
import type { OverflowPolicy } from "./overflow.js";

/** How texts are read: options of every pipeline, beside those of its task. */
export interface ReadingOptions {
	/**
	 * For texts longer than the model takes. "error" refuses them; "truncate" reads their begin; "stride" reads all in windows that
	 * overlap, and merges the results as the task says. A result of a cut or divided text has `overflow`. Default: "error".
	 */
	overflow?: OverflowPolicy | undefined;
	/** Tokens that a window shares with the next, with `overflow: "stride"`. Default: a quarter of a window. */
	stride?: number | undefined;
	/** Most tokens given to the model at once, special tokens included. Default, and at most: what model and tokenizer take. */
	window?: number | undefined;
	/** Most texts or windows that are computed together; fewer are where they are long. Default: 8. */
	batch_size?: number | undefined;
	/** Longformer and LED: which tokens see and are seen by all. Default: by task, see `GlobalAttention`. */
	global_attention?: GlobalAttention | undefined;
	/** Called as windows are done. */
	progress?: ((progress: ReadingProgress) => void) | undefined;
	/** Stops between two batches, or two tokens that are generated: the call rejects with the signal's reason. */
	signal?: AbortSignal | undefined;
}

/** How far a call of a pipeline is. */
export interface ReadingProgress {
	/** Windows that were computed. */
	readonly done: number;
	/** Windows of all texts of the call. */
	readonly total: number;
}

export const readingOptionNames: OptionNames<ReadingOptions> = {
	overflow: true,
	stride: true,
	window: true,
	batch_size: true,
	global_attention: true,
	progress: true,
	signal: true,
};

/** A model with its tokenizer, at work on a task. */
export interface PipelineContext<T extends Task = Task> {
	/** Of the pipeline, for errors. */
	readonly name: string;
	readonly model: PretrainedModel<T>;
	readonly tokenizer: Tokenizer;
}

/** A call of a pipeline: how its texts are read. */
export interface Reading<T extends Task = Task> extends PipelineContext<T> {
	readonly overflow: OverflowPolicy;
	readonly stride: number | undefined;
	/** Most tokens of an input; infinite if neither model nor tokenizer nor caller sets a limit. */
	readonly limit: number;
	readonly batchSize: number;
	readonly globalAttention: GlobalAttention;
	readonly progress: (progress: ReadingProgress) => void;
	readonly signal: AbortSignal | undefined;
}

/** Checks the options of reading, and adds the defaults. */
export function readingOf<T extends Task>(
	context: PipelineContext<T>,
	options: ReadingOptions,
	globalAttention: GlobalAttention,
): Reading<T> {
	const { name } = context;
	const { overflow = "error", stride, window, batch_size: batchSize = 8, progress = () => {}, signal } = options;
	checkChoice(name, "overflow", overflow, ["error", "truncate", "stride"]);
	if (stride !== undefined) checkNumber(name, "stride", stride, { min: 0, integer: true });
	checkNumber(name, "batch_size", batchSize, { min: 1, integer: true });
	checkChoice(name, "global_attention", options.global_attention ?? globalAttention, globalAttentionChoices);
	checkFunction(name, "progress", progress);
	if (signal !== undefined && typeof signal?.throwIfAborted !== "function")
		throw new OptionError(`${name}: signal is ${describe(signal)}; expected an AbortSignal`);
	const longest = longestInput(context);
	if (window !== undefined) checkNumber(name, "window", window, { min: 1, max: longest, integer: true });
	return {
		...context,
		overflow,
		stride,
		limit: window ?? longest,
		batchSize,
		globalAttention: options.global_attention ?? globalAttention,
		progress,
		signal,
	};
}

/** Most tokens of an input; infinite if nothing sets a limit. */
function longestInput({ model, tokenizer }: PipelineContext): number {
	const { max_decoder_position_embeddings: decoder } = model.config as { max_decoder_position_embeddings?: number };
	const limits = [model.maxLength, tokenizer.maxLength];
	// But for writing, the decoder of an encoder–decoder reads the text, too.
	if (model.task !== "seq2seq-lm") limits.push(decoder);
	return limits.reduce<number>((least, limit) => Math.min(least, limit ?? least), Number.POSITIVE_INFINITY);
}

/** Checks an argument that is a text or a list of texts; returns the list. */
export function textsOf(name: string, argument: string, value: string | readonly string[]): readonly string[] {
	if (typeof value === "string") return [value];
	if (!Array.isArray(value))
		throw new OptionError(`${name}: ${argument} is ${describe(value)}; expected a string or an array of strings`);
	for (const [index, text] of value.entries())
		if (typeof text !== "string")
			throw new OptionError(`${name}: ${argument}[${index}] is ${describe(text)}; expected a string`);
	return value;
}

/** How errors call one of several texts. */
export function textName(argument: string, index: number, count: number): string {
	return count === 1 ? `the ${argument}` : `${argument} ${index + 1} of ${count}`;
}

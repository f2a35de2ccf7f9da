import type { PretrainedModel, Task, Tensor, Tokenizer } from "longspan";
import type { DataSummary } from "../train/data.js";
import type { Subject } from "../train/learner.js";
import type { BatchSize, LoopData } from "../train/loop.js";
import type { FineTuneSettings } from "./settings.js";

/** Weights of a pretrained model by their names in checkpoints. */
export type Weights = Record<string, Tensor>;

/** What a model is trained to do, with the data for it. */
export interface Objective<Batch, Loaded> {
	readonly data: LoopData<Batch>;
	readonly subject: Subject<Weights, Batch, Loaded>;
	readonly summary: DataSummary;
	/** The data in one line. */
	readonly dataLine: string;
	/** What a text is counted in, for the line about training. */
	readonly unit: string;
	/** Below the report. */
	readonly footer: string;
}

/** What objectives are made of. */
export interface ObjectiveParts<T extends Task> {
	readonly model: PretrainedModel<T>;
	readonly tokenizer: Tokenizer;
	readonly settings: FineTuneSettings;
}

/** Tokens that a model expects before and after a text. */
export interface Frame {
	readonly before: readonly number[];
	readonly after: readonly number[];
}

export function frameOf(tokenizer: Tokenizer): Frame {
	const { ids, sources } = tokenizer.withSpecialTokens({
		...{ ids: [0], tokens: [""], offsets: [[0, 0]], typeIds: [0], sources: [0] },
	});
	const at = sources.indexOf(0);
	return { before: ids.slice(0, at), after: ids.slice(at + 1) };
}

/** A text with the tokens around it. */
export function framed({ before, after }: Frame, ids: ArrayLike<number>): number[] {
	return [...before, ...Array.from(ids), ...after];
}

/** The id that stands behind shorter texts: RoBERTa and Longformer tell positions by it. */
export function padIdOf({ config }: PretrainedModel, tokenizer: Tokenizer): number {
	return (config.pad_token_id as number | null | undefined) ?? tokenizer.special.pad?.id ?? 0;
}

/** The size of a batch of texts, whose tokens are read but not all predicted. */
export function sizeOf({ sequences }: { readonly sequences: readonly (readonly number[])[] }): BatchSize {
	return {
		tokens: sequences.reduce((sum, { length }) => sum + length, 0),
		sequences: sequences.length,
		bytes: 0,
	};
}

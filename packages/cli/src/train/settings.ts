import type { ModelConfig } from "../models/config.js";

/** What is trained, but for what the data tell. */
export type ModelSettings = Omit<ModelConfig, "vocabularySize" | "tokenizer">;

/** What updates the weights. */
export interface OptimizerSettings {
	readonly name: "adamw" | "adafactor";
	/** The largest. */
	readonly learningRate: number;
	readonly schedule: "cosine" | "linear" | "inverse-root" | "constant";
	readonly warmUpSteps: number;
	readonly weightDecay: number;
}

/** What a run does, whatever it trains: its options, checked. */
export interface TrainingSettings {
	/** Files, folders and patterns; none for longspan's own sources and docs. */
	readonly data: readonly string[];
	/** Ascending. */
	readonly lengths: readonly number[];
	/** Sequences of the longest length at once. */
	readonly batch: number;
	readonly optimizer: OptimizerSettings;
	/** null: no limit. */
	readonly clipNorm: number | null;
	/** Batches of a step. */
	readonly accumulate: number;
	/** null: no moving average of the weights. */
	readonly emaDecay: number | null;
	readonly steps: number;
	readonly seed: number;
	readonly evaluateEvery: number;
	readonly saveEvery: number;
	/** Checkpoints that are kept beside the best. */
	readonly keep: number;
}

/** What the training of a language model from the start does. */
export interface RunSettings extends TrainingSettings {
	readonly model: ModelSettings;
	/** Path of a tokenizer; null for bytes. */
	readonly tokenizer: string | null;
}

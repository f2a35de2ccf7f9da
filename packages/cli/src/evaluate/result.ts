import type { ModelConfig } from "../models/config.js";

/** How well a model predicts some files. */
export interface EvaluationResult {
	readonly version: string;
	readonly date: string;
	/** Folder of the model. */
	readonly model: string;
	readonly config: ModelConfig;
	/** Files, folders and patterns as given. */
	readonly data: readonly string[];
	/** Whether only the last tenth of each file counted. */
	readonly heldOut: boolean;
	/** Tokens predicted in a window; the mean where windows differ in it. */
	readonly length: number;
	readonly windows: number;
	/** Tokens that were predicted, and the bytes of text they stand for. */
	readonly tokens: number;
	readonly bytes: number;
	/** Mean over the predicted tokens, in nats. */
	readonly crossEntropy: number;
	readonly bitsPerByte: number;
	readonly seconds: number;
	readonly tokensPerSecond: number;
}

import type { ModelConfig } from "../models/config.js";

/** What came of a generation. */
export interface GenerationResult {
	readonly version: string;
	readonly date: string;
	/** Folder of the model. */
	readonly model: string;
	readonly config: ModelConfig;
	readonly prompt: string;
	/** What follows the prompt. */
	readonly text: string;
	/** Ids of the text. */
	readonly ids: readonly number[];
	readonly promptTokens: number;
	/** Number of generated tokens. */
	readonly tokens: number;
	/** Whether it was ended before by Ctrl-C. */
	readonly interrupted: boolean;
	readonly temperature: number;
	readonly topK: number | null;
	readonly topP: number;
	readonly seed: number;
	/** Time until the first token, which is that of reading the prompt. */
	readonly promptSeconds: number;
	/** Time of the other tokens. */
	readonly seconds: number;
	/** Of the tokens after the first; null for one alone. */
	readonly tokensPerSecond: number | null;
	/** Bytes the model remembered the sequence in at the end. */
	readonly stateBytes: number;
}

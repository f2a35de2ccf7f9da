import type { Machine } from "../machine.js";
import type { ModelConfig } from "../models/config.js";
import type { DataSummary, HeldOutSummary } from "./data.js";
import type { HeldOutLine } from "./history.js";
import type { RunOptions } from "./options.js";

/** What came of a run, whatever it trains. */
export interface RunResult {
	readonly version: string;
	readonly date: string;
	readonly machine: Machine;
	/** Folder of the run. */
	readonly folder: string;
	/** Number of weights. */
	readonly parameters: number;
	/** Steps done, and those asked for. */
	readonly step: number;
	readonly steps: number;
	/** Whether it was ended from outside. */
	readonly interrupted: boolean;
	/** Time of the steps, without evaluations and checkpoints, and the tokens of `StepLine` in them. */
	readonly seconds: number;
	readonly tokens: number;
	readonly tokensPerSecond: number;
	/** Most bytes that tensors took on the device since the start of this process. */
	readonly peakBytes: number;
	/** The last evaluation, and the best one. */
	readonly last: HeldOutLine | null;
	readonly best: HeldOutLine | null;
	/** The checkpoints there are by step, `loss` as `scoreOf` their evaluations. */
	readonly checkpoints: readonly { readonly path: string; readonly step: number; readonly loss: number | null }[];
}

/** What came of the training of a language model: the document of `--json`. */
export interface TrainResult extends RunResult {
	readonly options: RunOptions;
	readonly config: ModelConfig;
	readonly data: DataSummary;
	/** What is predicted in an evaluation. */
	readonly heldOut: HeldOutSummary;
}

/** What tells runs apart, in words. */
export interface RunDescription {
	/** What is measured, such as an attention. */
	readonly subject: string;
	readonly model: string;
	readonly training: string;
	readonly data: string;
	/** What to do when the run is done: a word and a command each. */
	readonly next: readonly (readonly [string, string])[];
	/** Below the report. */
	readonly footer: string;
}

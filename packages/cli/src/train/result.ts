import type { Machine } from "../machine.js";
import type { ModelConfig } from "../models/config.js";
import type { DataSummary, HeldOutSummary } from "./data.js";
import type { HeldOutLine } from "./history.js";
import type { RunOptions } from "./options.js";

/** What came of a training run: the document of `--json`. */
export interface TrainResult {
	readonly version: string;
	readonly date: string;
	readonly machine: Machine;
	/** Folder of the run. */
	readonly folder: string;
	readonly options: RunOptions;
	readonly config: ModelConfig;
	/** Number of weights. */
	readonly parameters: number;
	readonly data: DataSummary;
	/** What is predicted in an evaluation. */
	readonly heldOut: HeldOutSummary;
	/** Steps done, and those asked for. */
	readonly step: number;
	readonly steps: number;
	/** Whether it was ended from outside. */
	readonly interrupted: boolean;
	/** Time of the steps, without evaluations and checkpoints, and the tokens predicted in them. */
	readonly seconds: number;
	readonly tokens: number;
	readonly tokensPerSecond: number;
	/** Most bytes that tensors took on the device since the start of this process. */
	readonly peakBytes: number;
	/** The last evaluation, and the one with the fewest bits per byte. */
	readonly last: HeldOutLine | null;
	readonly best: HeldOutLine | null;
	/** The checkpoints there are by step, `loss` in bits per byte of held-out text. */
	readonly checkpoints: readonly { readonly path: string; readonly step: number; readonly loss: number | null }[];
}

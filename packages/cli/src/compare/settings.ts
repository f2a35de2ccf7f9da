import type { AttentionChoice } from "../attentions/choices.js";
import type { DeviceSettings } from "../device-options.js";

/** What one comparison does: the options of the command, checked. */
export interface CompareSettings extends DeviceSettings {
	readonly files: readonly string[];
	readonly attentions: readonly AttentionChoice[];
	/** Ascending, without repeats. */
	readonly lengths: readonly number[];
	readonly batch: number;
	readonly heads: number;
	readonly headDim: number;
	readonly causal: boolean;
	readonly backward: boolean;
	/** Most timed calls behind a median. */
	readonly repeat: number;
	/** Lengths at which one call would take longer are skipped; Infinity for no limit. */
	readonly maxSeconds: number;
	/** 0 for no training. */
	readonly trainSteps: number;
	readonly trainLength: number;
	readonly trainBatch: number;
	/** Folder that trained models are saved in; null to save none. */
	readonly modelFolder: string | null;
	readonly seed: number;
	/** Where the report goes; null for none. */
	readonly reportPath: string | null;
	readonly json: boolean;
}

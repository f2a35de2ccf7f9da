import type { Machine } from "../machine.js";

/** Measurements of one attention at one length. */
export interface Row {
	readonly attention: string;
	readonly n: number;
	/** Median of the timed calls. */
	readonly forwardMs: number;
	/** Null unless asked for, or if it would take too long (see `note`). */
	readonly forwardBackwardMs: number | null;
	/** Most memory alive during the forward call beyond q, k and v. */
	readonly peakBytes: number;
	/** The same during forward and backward, beyond q, k, v and the gradient of the output. */
	readonly forwardBackwardPeakBytes: number | null;
	/** Floating-point operations and tiles of scores, counted in the forward call. */
	readonly flops: number;
	readonly tiles: number;
	/** Largest absolute difference from exact attention of the same inputs; null where that was not run. */
	readonly maxErrorVsExact: number | null;
	/** Timed calls behind `forwardMs`. */
	readonly repeats: number;
	readonly note: string | null;
}

/** A length that was not measured, and why. */
export interface SkippedRow {
	readonly attention: string;
	readonly n: number;
	readonly reason: string;
	/** Memory it would need, q, k and v included, where that is the reason. */
	readonly neededBytes: number | null;
	/** Time one call would take, where that is the reason. */
	readonly predictedMs: number | null;
}

/** Growth with the length: time ∝ n^timeExponent. Null with fewer than three lengths. */
export interface GrowthFit {
	readonly attention: string;
	readonly timeExponent: number | null;
	/** The same of forward and backward together. */
	readonly forwardBackwardTimeExponent: number | null;
	readonly memoryExponent: number | null;
}

/** Quality on held-out data at one moment of training. */
export interface CurvePoint {
	readonly step: number;
	/** Time spent in training steps so far. */
	readonly seconds: number;
	readonly bitsPerByte: number;
}

/** Training of the small model with one attention. */
export interface TrainingRun {
	readonly attention: string;
	readonly steps: number;
	readonly seconds: number;
	/** On held-out data, after the last step. */
	readonly bitsPerByte: number;
	readonly curve: readonly CurvePoint[];
}

/** An attention that could not be trained, and why. */
export interface SkippedTraining {
	readonly attention: string;
	readonly reason: string;
}

/** The data a model is trained on. */
export interface DataSummary {
	/** What was asked for: FILES, or the project's own text. */
	readonly sources: readonly string[];
	readonly files: number;
	readonly bytes: number;
	readonly trainBytes: number;
	readonly heldOutBytes: number;
}

/** An attention as it was measured. */
export interface AttentionSummary {
	readonly label: string;
	readonly description: string;
	/** Why it was not measured as asked; null if it was. */
	readonly note: string | null;
}

/** Settings of a comparison, as told to its readers. */
export interface SettingsSummary {
	readonly attentions: readonly AttentionSummary[];
	readonly lengths: readonly number[];
	readonly batch: number;
	readonly heads: number;
	readonly headDim: number;
	readonly causal: boolean;
	readonly backward: boolean;
	readonly repeat: number;
	/** Null for no limit. */
	readonly maxSeconds: number | null;
	readonly seed: number;
	readonly turbo: boolean;
	/** Null without training. */
	readonly training: TrainingSettings | null;
}

export interface TrainingSettings {
	readonly steps: number;
	readonly length: number;
	readonly batch: number;
	readonly dim: number;
	readonly layers: number;
	readonly heads: number;
	readonly learningRate: number;
	readonly data: DataSummary;
}

/** Everything a comparison found. */
export interface CompareResult {
	readonly version: string;
	readonly date: string;
	readonly machine: Machine;
	readonly settings: SettingsSummary;
	readonly rows: readonly Row[];
	readonly skipped: readonly SkippedRow[];
	readonly fits: readonly GrowthFit[];
	readonly training: readonly TrainingRun[];
	readonly skippedTraining: readonly SkippedTraining[];
	readonly answer: string;
}

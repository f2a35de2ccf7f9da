import type { ModelConfig } from "../../models/config.js";

/** Spectrum of the attention matrices of one head, averaged over the windows. */
export interface HeadSpectrum {
	readonly layer: number;
	readonly head: number;
	/** Normalised cumulative singular values at the result's `ranks`. */
	readonly shares: readonly number[];
	/** The same at `heatRank`. */
	readonly heatShare: number;
	/** Singular values that make up nine tenths of the sum. */
	readonly rankFor90: number;
}

/** Everything a look at the spectrum of a model's attention found. */
export interface SpectrumResult {
	readonly version: string;
	readonly date: string;
	/** Folder of the model. */
	readonly model: string;
	readonly config: ModelConfig;
	/** The data as given. */
	readonly data: string;
	/** Tokens of a window: size of the matrices. */
	readonly length: number;
	readonly windows: number;
	/** Numbers of singular values that `shares` are told for. */
	readonly ranks: readonly number[];
	/** The number of singular values that the heat map is drawn for, a quarter of the length. */
	readonly heatRank: number;
	/** Layer by layer, head by head. */
	readonly heads: readonly HeadSpectrum[];
}

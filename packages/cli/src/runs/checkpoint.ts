import type { StoredTensor } from "longspan";
import { modelFiles } from "../models/config.js";

/** Anything JSON can say, without loss. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The state of a training run after some step, as it is stored. */
export interface Checkpoint {
	/** Steps done. */
	readonly step: number;
	/** What decides which checkpoint is the best, such as bits per byte of held-out text: lower is better. null if not measured. */
	readonly loss: number | null;
	/** Tensors by name, in files that end with `.safetensors`. */
	readonly tensors: ReadonlyMap<string, ReadonlyMap<string, StoredTensor>>;
	/** Further files by name, such as the configuration of the model. */
	readonly texts: ReadonlyMap<string, string>;
	/** What else is needed to go on: options, seed, running values. */
	readonly state: Json;
}

/** Names of the files of a checkpoint, of which each is the folder of a model too. */
export const checkpointFiles = {
	...modelFiles,
	optimizer: "optimizer.safetensors",
	/** The moving average of the weights. */
	average: "ema.safetensors",
	/** Which files there are, and the rest of the state. */
	training: "training.json",
} as const;

import type { PipelineTask } from "longspan";
import type { ModelSettings } from "../pipelines/model-options.js";
import type { ReadingSettings } from "../pipelines/reading-options.js";

/** How embeddings are made of the vectors of tokens. */
export interface EmbeddingSettings {
	readonly pooling: "mean" | "cls";
	/** Whether they are divided by their length. */
	readonly normalize: boolean;
}

/** What the model of a server does: what its thread is told. */
export interface ServedModelSettings extends ModelSettings, EmbeddingSettings {
	/** Pipelines to serve; empty for those that config.json names the class of. */
	readonly tasks: readonly PipelineTask[];
	/** How long texts are read where a request does not say. */
	readonly reading: ReadingSettings;
}

/** What one server does: the options of the command, checked. */
export interface ServeSettings extends ServedModelSettings {
	readonly host: string;
	/** 0: any that is free. */
	readonly port: number;
	/** What requests must bring; undefined for nothing. */
	readonly token: string | undefined;
	/** Most bytes of the body of a request. */
	readonly maxBody: number;
	/** Most requests that wait while one runs. */
	readonly queue: number;
	/** Most seconds from the begin of a request to its answer. */
	readonly timeout: number;
}

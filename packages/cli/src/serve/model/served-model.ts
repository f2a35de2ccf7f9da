import type { PipelineTask } from "longspan";

/** A call of a pipeline, as a request states it. */
export interface PipelineCall {
	readonly kind: "pipeline";
	readonly task: PipelineTask;
	/** What it is called with: texts, or for "question-answering" an object of question and context. */
	readonly inputs: unknown;
	/** Its options, and for "zero-shot-classification" `candidate_labels`. */
	readonly parameters: Readonly<Record<string, unknown>>;
}

/** Embeddings, as a request asks for them. */
export interface EmbeddingsCall {
	readonly kind: "embeddings";
	/** Name of the model in the answer. */
	readonly model: string;
	readonly texts: readonly string[];
	readonly format: "float" | "base64";
	/** Options of the pipeline. */
	readonly parameters: Readonly<Record<string, unknown>>;
}

export type ModelCall = PipelineCall | EmbeddingsCall;

/** What a call comes to. */
export interface ModelAnswer {
	/** The body of the response. */
	readonly json: string;
	/** Tokens of the texts. */
	readonly tokens: number;
}

/** What is told of a model. */
export interface ModelInfo {
	readonly tasks: readonly PipelineTask[];
	/** Its classes in transformers. */
	readonly classes: readonly string[];
	/** Longest input in tokens; null for any. */
	readonly maxLength: number | null;
	/** Bytes of its weights. */
	readonly bytes: number;
}

/** A model that answers calls, one at a time. */
export interface ServedModel {
	readonly info: ModelInfo;
	/**
	 * @param signal ends the call between two batches, or two tokens that are generated
	 * @throws CallError for a call it cannot take; the signal's reason
	 */
	run(call: ModelCall, signal: AbortSignal): Promise<ModelAnswer>;
}

/** A call that the model cannot take: its message is for whoever called. */
export class CallError extends Error {
	override name = "CallError";

	constructor(
		message: string,
		readonly kind: "invalid" | "memory" = "invalid",
	) {
		super(message);
	}
}

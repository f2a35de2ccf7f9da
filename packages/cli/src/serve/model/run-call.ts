import { OptionError, OutOfMemoryError, ShapeError } from "longspan";
import { runEmbeddings } from "./embeddings.js";
import type { Pipelines } from "./pipelines.js";
import { runPipeline } from "./run-pipeline.js";
import { CallError, type ModelAnswer, type ModelCall } from "./served-model.js";

/**
 * Runs a call on the pipelines of a server.
 *
 * @throws CallError for a call that they cannot take; the signal's reason
 */
export async function runCall(pipelines: Pipelines, call: ModelCall, signal: AbortSignal): Promise<ModelAnswer> {
	try {
		return call.kind === "embeddings"
			? await runEmbeddings(pipelines, call, signal)
			: await runPipeline(pipelines, call, signal);
	} catch (error) {
		if (error instanceof OptionError || error instanceof ShapeError) throw new CallError(error.message);
		if (error instanceof OutOfMemoryError) throw new CallError(error.message, "memory");
		throw error;
	}
}

import type { PipelineTask } from "longspan";
import type { ReadingSettings } from "../../pipelines/reading-options.js";
import type { PipelineCall } from "../model/served-model.js";
import { invalidRequest } from "./api-error.js";
import { type Body, checkFields } from "./read-body.js";

/** Options of pipelines that are no data. */
const ofTheServer = ["signal", "progress"];

/** Reads the body of POST /pipelines/TASK. */
export function pipelineCall(body: Body, task: PipelineTask, reading: ReadingSettings): PipelineCall {
	checkFields(body, ["inputs", "parameters"]);
	const { inputs, parameters = {} } = body;
	if (inputs === undefined) throw invalidRequest("inputs: they are missing", "inputs");
	if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters))
		throw invalidRequest("parameters: expected an object", "parameters");
	for (const option of ofTheServer)
		if (option in parameters) throw invalidRequest(`parameters: ${option} is not for requests`, "parameters");
	return { kind: "pipeline", task, inputs, parameters: { ...readingFor(task, reading), ...parameters } };
}

/** How long texts are read where a request does not say: prompts of generated text are not read in windows. */
function readingFor(task: PipelineTask, reading: ReadingSettings): Partial<ReadingSettings> {
	if (task !== "text-generation" || reading.overflow !== "stride") return reading;
	const { overflow: _, stride: __, ...others } = reading;
	return others;
}

import type { Context } from "hono";
import type { PipelineTask } from "longspan";
import type { ModelCall, ServedModel } from "../model/served-model.js";
import type { ServerState } from "../server-state.js";
import type { ServeSettings } from "../settings.js";
import { ApiError } from "./api-error.js";
import { type Body, readBody } from "./read-body.js";
import { timeLimit } from "./time-limit.js";

/**
 * Answers a request by the model when it is its turn.
 *
 * @param callOf what the body of the request asks for
 * @throws ApiError, CallError, or an error of the queue
 */
export async function answerByModel(
	context: Context,
	{ queue, metrics, model }: ServerState,
	{ maxBody, timeout }: Pick<ServeSettings, "maxBody" | "timeout">,
	task: PipelineTask,
	callOf: (body: Body) => ModelCall,
): Promise<Response> {
	const served = model as ServedModel;
	if (!served.info.tasks.includes(task))
		throw new ApiError(404, "task_not_served", `"${task}" is not served; start the server with --task ${task}.`);
	// A place is taken before the body is read, so that no more bodies are in memory than requests may wait.
	const place = queue.enter();
	const { signal, clear } = timeLimit(context.req.raw.signal, timeout);
	try {
		const call = callOf(await readBody(context.req, maxBody, signal));
		const { json, tokens } = await place.run((own) => served.run(call, own), signal);
		metrics.tokens.add({ task }, tokens);
		return new Response(json, { headers: { "Content-Type": "application/json" } });
	} finally {
		clear();
		place.leave();
	}
}

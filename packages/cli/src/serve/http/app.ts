import { Hono } from "hono";
import { isLoopback } from "../loopback.js";
import type { ServedModel } from "../model/served-model.js";
import { modelName } from "../model-name.js";
import type { ServerState } from "../server-state.js";
import type { ServeSettings } from "../settings.js";
import { servedTasks, taskNamed } from "../tasks.js";
import { answerByModel } from "./answer.js";
import { ApiError } from "./api-error.js";
import { embeddingsCall } from "./embeddings-call.js";
import { requireLoopbackName, requireToken } from "./guards.js";
import { measure } from "./measure.js";
import { pipelineCall } from "./pipeline-call.js";
import { loading, stopping, toApiError } from "./to-api-error.js";

/** The settings of a server that requests meet. */
export type AppSettings = Pick<
	ServeSettings,
	"model" | "host" | "token" | "maxBody" | "timeout" | "reading" | "pooling" | "normalize"
>;

/** Answers requests by the model of a server. `log` is told of failures. */
export function createApp(settings: AppSettings, state: ServerState, log: (text: string) => void): Hono {
	const app = new Hono();
	const name = modelName(settings.model);
	const { metrics } = state;

	app.onError((error) => toApiError(error, log).response());
	app.notFound(() => new ApiError(404, "not_found", "There is no such route.").response());
	app.use(measure(metrics));
	if (settings.token === undefined && isLoopback(settings.host)) app.use(requireLoopbackName());

	app.get("/health", (context) => {
		const status = state.phase === "ready" ? "ok" : state.phase;
		return context.json({ status, model: name }, status === "ok" ? 200 : 503);
	});
	app.all("/health", notAllowed("GET"));

	if (settings.token !== undefined) app.use(requireToken(settings.token));
	app.get("/metrics", () => new Response(metrics.text(), { headers: { "Content-Type": "text/plain; version=0.0.4" } }));
	app.all("/metrics", notAllowed("GET"));

	app.use(async (_, next) => {
		if (state.phase === "stopping") throw stopping();
		if (!state.model) throw loading();
		await next();
	});
	app.get("/v1/models", (context) => {
		const { tasks, classes, maxLength } = (state.model as ServedModel).info;
		const entry = { id: name, object: "model", created: state.since, owned_by: "longspan" };
		return context.json({ object: "list", data: [{ ...entry, tasks, classes, max_length: maxLength }] });
	});
	app.all("/v1/models", notAllowed("GET"));

	app.post("/v1/embeddings", (context) =>
		answerByModel(context, state, settings, "feature-extraction", (body) => embeddingsCall(body, name, settings)),
	);
	app.post("/pipelines/:task", (context) => {
		const task = taskNamed(context.req.param("task"));
		if (!task) throw new ApiError(404, "unknown_task", `There is no such task; expected ${servedTasks.join(", ")}.`);
		return answerByModel(context, state, settings, task, (body) => pipelineCall(body, task, settings.reading));
	});
	for (const path of ["/v1/embeddings", "/pipelines/:task"]) app.all(path, notAllowed("POST"));
	return app;
}

function notAllowed(method: string) {
	return (): never => {
		throw new ApiError(405, "method_not_allowed", `Expected ${method}.`, { headers: { Allow: method } });
	};
}

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { PipelineTask } from "longspan";
import { formatBytes } from "../../output/format.js";
import { isLoopback } from "../loopback.js";
import type { ModelCall, ServedModel } from "../model/served-model.js";
import { modelName } from "../model-name.js";
import type { ServerState } from "../server-state.js";
import type { ServeSettings } from "../settings.js";
import { servedTasks, taskNamed } from "../tasks.js";
import type { Place } from "../work-queue.js";
import { ApiError } from "./api-error.js";
import { embeddingsCall } from "./embeddings-call.js";
import { requireLoopbackName, requireToken } from "./guards.js";
import { measure } from "./measure.js";
import { pipelineCall } from "./pipeline-call.js";
import { readBody } from "./read-body.js";
import { timeLimit } from "./time-limit.js";
import { loading, stopping, toApiError } from "./to-api-error.js";

type Body = Readonly<Record<string, unknown>>;
/** The settings of a server that requests meet. */
export type AppSettings = Pick<
	ServeSettings,
	"model" | "host" | "token" | "maxBody" | "timeout" | "reading" | "pooling" | "normalize"
>;

/** Answers requests by the model of a server. `log` is told of failures. */
export function createApp(settings: AppSettings, state: ServerState, log: (text: string) => void): Hono {
	const app = new Hono<{ Variables: { place: Place } }>();
	const name = modelName(settings.model);
	const { queue, metrics } = state;

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

	// A place is taken before the body is read, so that no more bodies are in memory than requests may wait.
	const takePlace = async (context: Context<{ Variables: { place: Place } }>, next: () => Promise<void>) => {
		const place = queue.enter();
		context.set("place", place);
		try {
			await next();
		} finally {
			place.leave();
		}
	};
	const limitBody = bodyLimit({
		maxSize: settings.maxBody,
		onError: () => {
			const most = formatBytes(settings.maxBody);
			throw new ApiError(413, "body_too_large", `The body is longer than ${most}, the most that this server takes.`, {
				headers: { Connection: "close" },
			});
		},
	});
	/** Runs the call that a request asks for. */
	const answer = async (
		context: Context<{ Variables: { place: Place } }>,
		task: PipelineTask,
		callOf: (body: Body) => ModelCall,
	) => {
		const limit = timeLimit(context.req.raw.signal, settings.timeout);
		try {
			const model = state.model as ServedModel;
			if (!model.info.tasks.includes(task)) throw notServed(task);
			const call = callOf(await readBody(context.req));
			const { json, tokens } = await context.get("place").run((signal) => model.run(call, signal), limit.signal);
			metrics.tokens.add({ task }, tokens);
			return context.body(json, 200, { "Content-Type": "application/json" });
		} finally {
			limit.clear();
		}
	};
	app.post("/v1/embeddings", takePlace, limitBody, (context) =>
		answer(context, "feature-extraction", (body) => embeddingsCall(body, name, settings)),
	);
	app.post("/pipelines/:task", takePlace, limitBody, (context) => {
		const task = taskNamed(context.req.param("task"));
		if (!task) throw new ApiError(404, "unknown_task", `There is no such task; expected ${servedTasks.join(", ")}.`);
		return answer(context, task, (body) => pipelineCall(body, task, settings.reading));
	});
	for (const path of ["/v1/embeddings", "/pipelines/:task"]) app.all(path, notAllowed("POST"));
	return app as unknown as Hono;
}

function notAllowed(method: string) {
	return (): never => {
		throw new ApiError(405, "method_not_allowed", `Expected ${method}.`, { headers: { Allow: method } });
	};
}

function notServed(task: PipelineTask): ApiError {
	return new ApiError(
		404,
		"task_not_served",
		`This server was started without "${task}"; start it with --task ${task}.`,
	);
}

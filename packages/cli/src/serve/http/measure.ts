import type { MiddlewareHandler } from "hono";
import type { ServerMetrics } from "../metrics/server-metrics.js";
import { servedTasks } from "../tasks.js";
import { toApiError } from "./to-api-error.js";

/** Paths that are counted by their names; there are as many others as anyone asks for. */
const routes: ReadonlySet<string> = new Set([
	...["/health", "/metrics", "/v1/models", "/v1/embeddings"],
	...servedTasks.map((task) => `/pipelines/${task}`),
]);

/** Counts requests, and how long they take. */
export function measure({ requests, errors, duration }: ServerMetrics): MiddlewareHandler {
	return async (context, next) => {
		const begin = performance.now();
		await next();
		const { path } = context.req;
		const route = routes.has(path) ? path : "other";
		requests.add({ route, status: String(context.res.status) });
		duration.observe({ route }, (performance.now() - begin) / 1000);
		if (context.res.status < 400) return;
		errors.add({ route, code: context.error ? toApiError(context.error, () => {}).code : "not_found" });
	};
}

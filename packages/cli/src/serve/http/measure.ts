import type { MiddlewareHandler } from "hono";
import type { ServerMetrics } from "../metrics/server-metrics.js";
import { toApiError } from "./to-api-error.js";

/** Paths that are counted by their names; there are as many others as anyone asks for. */
const routes = ["/health", "/metrics", "/v1/models", "/v1/embeddings"];

/** Counts requests, and how long they take. */
export function measure({ requests, errors, duration }: ServerMetrics): MiddlewareHandler {
	return async (context, next) => {
		const begin = performance.now();
		await next();
		const route = routeOf(context.req.path);
		requests.add({ route, status: String(context.res.status) });
		duration.observe({ route }, (performance.now() - begin) / 1000);
		if (context.res.status < 400) return;
		errors.add({ route, code: context.error ? toApiError(context.error, () => {}).code : "not_found" });
	};
}

function routeOf(path: string): string {
	if (/^\/pipelines\/[a-z0-9-]+$/.test(path)) return "/pipelines";
	return routes.includes(path) ? path : "other";
}

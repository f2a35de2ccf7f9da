import { describeError } from "../../errors.js";
import { CallError } from "../model/served-model.js";
import { QueueClosedError, QueueFullError } from "../work-queue.js";
import { ApiError, invalidRequest } from "./api-error.js";

/** What to answer where a request failed. Of what is not the request's fault, `log` gets the details and the answer none. */
export function toApiError(error: unknown, log: (text: string) => void): ApiError {
	if (error instanceof ApiError) return error;
	if (error instanceof QueueFullError)
		return new ApiError(429, "queue_full", "Too many requests wait; try again later.", {
			headers: { "Retry-After": String(error.retryAfterSeconds) },
		});
	if (error instanceof QueueClosedError) return stopping();
	if (error instanceof CallError && error.kind === "invalid") return invalidRequest(error.message);
	log(describeError(error));
	if (error instanceof CallError)
		return new ApiError(500, "out_of_memory", "There is not enough memory for this request; send less at once.");
	return new ApiError(500, "internal_error", "The server failed; its log says more.");
}

/** The answer of a server that ends. */
export function stopping(): ApiError {
	return new ApiError(503, "stopping", "The server is being stopped.", { headers: { Connection: "close" } });
}

/** The answer of a server that begins. */
export function loading(): ApiError {
	return new ApiError(503, "loading", "The model is being loaded; try again later.", {
		headers: { "Retry-After": "5" },
	});
}

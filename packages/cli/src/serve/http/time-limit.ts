import { ApiError } from "./api-error.js";

/** A signal that ends a request when its client is gone or its time is over. */
export function timeLimit(client: AbortSignal, seconds: number): { readonly signal: AbortSignal; clear(): void } {
	const controller = new AbortController();
	const gone = () => controller.abort(new ApiError(499, "client_gone", "The client has closed the connection."));
	// What is left of the request is not awaited.
	const headers = { Connection: "close" };
	const late = new ApiError(504, "timeout", `The request took longer than ${seconds} s.`, { headers });
	const timer = setTimeout(() => controller.abort(late), 1000 * seconds);
	if (client.aborted) gone();
	client.addEventListener("abort", gone, { once: true });
	return {
		signal: controller.signal,
		clear() {
			clearTimeout(timer);
			client.removeEventListener("abort", gone);
		},
	};
}

type Status = 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 499 | 500 | 503 | 504;

/** An answer that is no success, as OpenAI's interface tells it. */
export class ApiError extends Error {
	override name = "ApiError";
	/** Which field of the request it is about. */
	readonly param: string | null;
	readonly headers: Readonly<Record<string, string>>;

	constructor(
		readonly status: Status,
		readonly code: string,
		message: string,
		options: { param?: string; headers?: Readonly<Record<string, string>> } = {},
	) {
		super(message);
		this.param = options.param ?? null;
		this.headers = options.headers ?? {};
	}

	/** {"error": {"message", "type", "param", "code"}} */
	response(): Response {
		const { message, param, code, status, headers } = this;
		return Response.json({ error: { message, type: typeOf(status), param, code } }, { status, headers });
	}
}

/** A request that is not as it should be. */
export function invalidRequest(message: string, param?: string): ApiError {
	return new ApiError(400, "invalid_request", message, param === undefined ? {} : { param });
}

function typeOf(status: Status): string {
	if (status === 401) return "authentication_error";
	if (status === 403) return "permission_error";
	if (status === 429) return "rate_limit_error";
	return status < 500 ? "invalid_request_error" : "server_error";
}

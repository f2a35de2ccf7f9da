import type { HonoRequest } from "hono";
import { ApiError, invalidRequest } from "./api-error.js";

/** The body of a request: an object in JSON. Its bytes are counted before. */
export async function readBody(request: HonoRequest): Promise<Readonly<Record<string, unknown>>> {
	// Web pages of others may send every other type without asking whether they may.
	if (!/^application\/json\s*(;|$)/i.test(request.header("Content-Type") ?? ""))
		throw new ApiError(415, "unsupported_media_type", 'Expected the header "Content-Type: application/json".');
	const bytes = await request.arrayBuffer();
	let body: unknown;
	try {
		body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (error) {
		const reason = error instanceof SyntaxError ? error.message : "it is not valid UTF-8";
		throw invalidRequest(`The body is no JSON: ${reason}`);
	}
	if (typeof body !== "object" || body === null || Array.isArray(body))
		throw invalidRequest("The body is no object in JSON.");
	return body as Record<string, unknown>;
}

/** Refuses fields that are not known, which would otherwise be ignored silently. */
export function checkFields(body: Readonly<Record<string, unknown>>, known: readonly string[]): void {
	for (const field of Object.keys(body))
		if (!known.includes(field))
			throw invalidRequest(`${field} is not a field of this route; expected ${known.join(", ")}`, field);
}

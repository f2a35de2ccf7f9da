import type { HonoRequest } from "hono";
import { formatBytes } from "../../output/format.js";
import { ApiError, invalidRequest } from "./api-error.js";

/** A JSON object. */
export type Body = Readonly<Record<string, unknown>>;

/**
 * The body of a request: an object in JSON.
 *
 * @param most bytes
 * @param signal ends the reading
 */
export async function readBody(request: HonoRequest, most: number, signal: AbortSignal): Promise<Body> {
	// Web pages of others may send every other type without asking whether they may.
	if (!/^application\/json\s*(;|$)/i.test(request.header("Content-Type") ?? ""))
		throw new ApiError(415, "unsupported_media_type", 'Expected the header "Content-Type: application/json".');
	if (Number(request.header("Content-Length") ?? 0) > most) throw tooLong(most);
	const bytes = request.raw.body ? await readStream(request.raw.body, most, signal) : new Uint8Array(0);
	let body: unknown;
	try {
		body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (error) {
		const reason = error instanceof SyntaxError ? error.message : "it is not valid UTF-8";
		throw invalidRequest(`The body is no JSON: ${reason}`);
	}
	if (typeof body !== "object" || body === null || Array.isArray(body))
		throw invalidRequest("The body is no object in JSON.");
	return body as Body;
}

/** All of a stream. */
async function readStream(stream: ReadableStream<Uint8Array>, most: number, signal: AbortSignal): Promise<Uint8Array> {
	const reader = stream.getReader();
	// A read that waits ends with its reader.
	const stop = () => void reader.cancel().catch(() => {});
	signal.addEventListener("abort", stop, { once: true });
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		for (;;) {
			const { done, value } = await reader.read();
			signal.throwIfAborted();
			if (done) return Buffer.concat(chunks);
			size += value.length;
			if (size > most) throw tooLong(most);
			chunks.push(value);
		}
	} catch (error) {
		if (error instanceof ApiError) throw error;
		throw new ApiError(499, "client_gone", "The request broke off.");
	} finally {
		signal.removeEventListener("abort", stop);
	}
}

function tooLong(most: number): ApiError {
	return new ApiError(413, "body_too_large", `The body is longer than ${formatBytes(most)}, the most that is taken.`, {
		headers: { Connection: "close" },
	});
}

/** Refuses fields that are not known, which would otherwise be ignored silently. */
export function checkFields(body: Body, known: readonly string[]): void {
	for (const field of Object.keys(body))
		if (!known.includes(field))
			throw invalidRequest(`${field} is not a field of this route; expected ${known.join(", ")}`, field);
}

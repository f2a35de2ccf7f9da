import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { isLoopback } from "../loopback.js";
import { ApiError } from "./api-error.js";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Lets in what brings the token. Takes the same time whatever it brings. */
export function requireToken(token: string): MiddlewareHandler {
	const expected = digest(token);
	return async (context, next) => {
		const [, given] = /^Bearer +(\S+) *$/i.exec(context.req.header("Authorization") ?? "") ?? [];
		if (given !== undefined && timingSafeEqual(digest(given), expected)) return next();
		throw new ApiError(
			401,
			"invalid_token",
			given === undefined
				? 'There is no token; send the header "Authorization: Bearer TOKEN" with that of the server.'
				: "The token is not that of the server.",
			{ headers: { "WWW-Authenticate": "Bearer" } },
		);
	};
}

/** Keeps out web pages whose names someone has let point to this machine (DNS rebinding). */
export function requireLoopbackName(): MiddlewareHandler {
	return async (context, next) => {
		const { hostname } = new URL(context.req.url);
		if (isLoopback(hostname)) return next();
		throw new ApiError(
			403,
			"foreign_host",
			`The request is for the host "${hostname}"; this server answers for localhost only, unless it is started with --token or another --host.`,
		);
	};
}

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { InputError, isSystemError } from "../../errors.js";

/** A server that listens. */
export interface Listening {
	/** Such as "http://127.0.0.1:8000". */
	readonly address: string;
	/** Takes no more connections, and ends those there are when their answers are sent. */
	close(): Promise<void>;
}

/** How long clients may take to read their last answers. */
const closingLimit = 5000;
const closingInterval = 50;

/** Listens for requests. Throws `InputError` if the port or address cannot be had. */
export async function listen(app: Hono, host: string, port: number): Promise<Listening> {
	const server = createAdaptorServer({ fetch: app.fetch, hostname: host }) as Server;
	let requests = 0;
	server.on("request", (_, response) => {
		requests++;
		response.once("close", () => requests--);
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error) => reject(explain(error, host, port)));
		server.listen(port, host, resolve);
	});
	const bound = server.address() as AddressInfo;
	const name = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
	return {
		address: `http://${name}:${bound.port}`,
		async close() {
			const late = performance.now() + closingLimit;
			const closing = setInterval(() => {
				if (requests === 0 || performance.now() > late) server.closeAllConnections();
			}, closingInterval);
			await new Promise((resolve) => server.close(resolve));
			clearInterval(closing);
		},
	};
}

function explain(error: Error, host: string, port: number): Error {
	if (!isSystemError(error)) return error;
	if (error.code === "EADDRINUSE")
		return new InputError(`port ${port} is in use; choose another by --port, or 0 for any`);
	if (error.code === "EACCES") return new InputError(`port ${port} is not allowed; choose one from 1024 by --port`);
	return new InputError(`cannot listen on ${host}: ${error.message}`);
}

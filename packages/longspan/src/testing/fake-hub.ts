import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeHub extends AsyncDisposable {
	readonly url: string;
	/** The commit of the branch "main". */
	readonly commit: string;
	/** What was asked: method and path, and the range if there was one. */
	readonly requests: string[];
	/** What was given as `authorization`. */
	readonly authorizations: Set<string | undefined>;
	/** Contents by path; may be changed. */
	readonly files: Map<string, Uint8Array>;
	/** Faults, to be switched on. */
	readonly faults: {
		/** Status of every answer. */
		status?: number;
		/** Bytes after which the next downloads break off, one for each. */
		breaks: number[];
		/** Whether contents are other bytes of the same size than what is listed. */
		corrupt?: boolean;
		/** Bytes by which contents are shorter than what is listed. */
		shorter?: number;
		/** Whether ranges are ignored. */
		whole?: boolean;
		/** Whether pages may not see which range an answer is. */
		hidesRange?: boolean;
	};
}

const sha = (algorithm: string, ...parts: (string | Uint8Array)[]) => {
	const sum = createHash(algorithm);
	for (const part of parts) sum.update(part);
	return sum.digest("hex");
};

/** Bytes from which files are kept as large ones, with SHA-256. */
const largeBytes = 1000;

/** A server on this machine that answers as the Hub does for one repository. */
export async function startFakeHub(id: string, contents: Readonly<Record<string, Uint8Array>>): Promise<FakeHub> {
	const commit = sha("sha1", id);
	const files = new Map(Object.entries(contents));
	const requests: string[] = [];
	const authorizations = new Set<string | undefined>();
	const faults: FakeHub["faults"] = { breaks: [] };
	/** What lets pages of other origins read answers, as the Hub sends it. */
	const crossOrigin = () => ({
		"access-control-allow-origin": "*",
		"access-control-expose-headers": `X-Repo-Commit,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,X-Linked-Size,X-Linked-ETag${faults.hidesRange ? "" : ",Content-Range"}`,
	});
	const json = (response: ServerResponse, status: number, value: unknown) =>
		response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

	const answer = (request: IncomingMessage, response: ServerResponse) => {
		const path = decodeURIComponent(new URL(request.url ?? "", "http://hub").pathname);
		const range = request.headers.range;
		for (const [name, value] of Object.entries(crossOrigin())) response.setHeader(name, value);
		if (request.method === "OPTIONS") {
			response.setHeader("access-control-allow-headers", "authorization,content-type,range");
			return response.writeHead(204).end();
		}
		requests.push(`${request.method} ${path}${range === undefined ? "" : ` ${range}`}`);
		authorizations.add(request.headers.authorization);
		if (faults.status !== undefined) return json(response, faults.status, { error: "no" });
		const about = (kind: string) => path.startsWith(`/api/models/${id}/${kind}/`) && path.split(`/${kind}/`)[1];
		const revision = about("revision");
		if (revision === "main" || revision === "refs/pr/1" || revision === commit)
			return json(response, 200, { _id: "0", id, sha: commit, lastModified: "2024-01-01T00:00:00Z" });
		if (revision) return json(response, 404, { error: `Invalid rev id: ${revision}` });
		if (about("tree") === commit) return json(response, 200, [...files].map(listed));
		const content = files.get(path.split(`/${id}/resolve/${commit}/`)[1] ?? "");
		if (!content) return json(response, 404, { error: "Repository not found" });
		return send(response, content, faults.whole ? 0 : Number(/bytes=(\d+)-/.exec(range ?? "bytes=0-")?.[1]));
	};

	const listed = ([path, content]: [string, Uint8Array]) => {
		const size = content.length;
		const oid = sha("sha1", `blob ${size}\0`, content);
		const lfs = { oid: sha("sha256", content), size, pointerSize: 130 };
		return size < largeBytes
			? { type: "file", path, size, oid }
			: { type: "file", path, size, oid: sha("sha1", oid), lfs };
	};

	const send = (response: ServerResponse, content: Uint8Array, from: number) => {
		let bytes = content.subarray(0, content.length - (faults.shorter ?? 0));
		if (faults.corrupt) bytes = bytes.map((byte) => byte ^ 1);
		const rest = bytes.subarray(from);
		if (faults.whole) response.writeHead(200, { "content-length": rest.length });
		else
			response.writeHead(206, {
				"content-length": rest.length,
				"content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
			});
		const end = faults.breaks.shift();
		if (end === undefined) response.end(rest);
		else response.write(rest.subarray(0, end), () => setTimeout(() => response.destroy(), 50));
	};

	const server = createServer(answer);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		commit,
		requests,
		authorizations,
		files,
		faults,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

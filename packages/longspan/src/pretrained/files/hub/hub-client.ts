import { LongspanError, OptionError } from "../../../errors.js";
import { isRecord, quoted } from "../json.js";
import type { HubFile } from "./hub-cache.js";

/** A repository of a Hub. */
export interface Repository {
	/** Its id, such as "allenai/longformer-base-4096". */
	readonly id: string;
	/** Address of the Hub, without "/" at its end. */
	readonly hubUrl: string;
	readonly accessToken: string | undefined;
}

/** The Hub cannot be reached now; what the cache holds can be used instead. */
export class UnreachableError extends LongspanError {}

/** Milliseconds to wait for an answer that is not a download. */
const answerTime = 30_000;
/** How often in a row a download may fail to go on, and the milliseconds before the first further try, which double. */
const tries = 4;
const pause = 250;

/** What @huggingface/hub is asked with. */
function requestOf({ hubUrl, accessToken }: Repository) {
	const timed: typeof fetch = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(answerTime) });
	return { hubUrl, fetch: timed, ...(accessToken !== undefined && { accessToken }) };
}

/** The commit that a branch, a tag or the first digits of a commit stand for. */
export async function askCommit(repository: Repository, revision: string): Promise<string> {
	const { modelInfo } = await import("@huggingface/hub");
	const { id } = repository;
	const asked = modelInfo({ name: id, revision, additionalFields: ["sha"], ...requestOf(repository) });
	const { sha } = await asked.catch((error) => refuse(`${id}, revision ${quoted(revision)}`, error));
	if (!/^[0-9a-f]{40}$/.test(sha)) throw new OptionError(`${id}: the Hub says that its commit is ${quoted(sha)}`);
	return sha;
}

/** The files of a commit by their paths. */
export async function askFiles(repository: Repository, commit: string): Promise<Map<string, HubFile>> {
	const { listFiles } = await import("@huggingface/hub");
	const { id } = repository;
	const files = new Map<string, HubFile>();
	try {
		const repo = { type: "model", name: id } as const;
		for await (const entry of listFiles({ repo, revision: commit, recursive: true, ...requestOf(repository) })) {
			const hash = entry.lfs?.oid ?? entry.oid;
			// Both become names of files.
			if (entry.type !== "file" || hash === undefined || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) continue;
			files.set(entry.path, { path: entry.path, size: entry.lfs?.size ?? entry.size, hash });
		}
	} catch (error) {
		return refuse(`${id}, commit ${commit}`, error);
	}
	return files;
}

/**
 * The bytes of a file from `from` on. An interrupted download goes on where it was.
 *
 * @throws UnreachableError if it cannot go on, OptionError if the Hub sends another file
 */
export async function* download(
	repository: Repository,
	commit: string,
	file: HubFile,
	from: number,
): AsyncGenerator<Uint8Array> {
	let failures = 0;
	for (let at = from; at < file.size; ) {
		try {
			for await (const bytes of streamFrom(repository, commit, file, at)) {
				at += bytes.length;
				failures = 0;
				yield bytes;
			}
			if (at < file.size) throw new UnreachableError(`${repository.id}/${file.path}: the connection ended`);
		} catch (error) {
			if (!(error instanceof UnreachableError) || ++failures === tries) throw error;
			await new Promise((resolve) => setTimeout(resolve, pause * 2 ** (failures - 1)));
		}
	}
}

async function* streamFrom(
	{ id, hubUrl, accessToken }: Repository,
	commit: string,
	{ path, size }: HubFile,
	from: number,
): AsyncGenerator<Uint8Array> {
	const subject = `${id}/${path}`;
	const url = `${hubUrl}/${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
	const headers: Record<string, string> = { Range: `bytes=${from}-`, "Accept-Encoding": "identity" };
	if (accessToken !== undefined) headers.Authorization = `Bearer ${accessToken}`;
	const response = await fetch(url, { headers }).catch((error) => refuse(subject, error));
	if (!response.ok) {
		await response.body?.cancel();
		refuse(subject, { statusCode: response.status });
	}
	const range = response.headers.get("content-range");
	const length = Number(response.headers.get("content-length"));
	// A page may not see the range of a part.
	const begin = response.status !== 206 ? 0 : range === null ? from : Number(/^bytes (\d+)-/.exec(range)?.[1]);
	const total = range === null ? begin + length : Number(range.split("/")[1]);
	if (total !== size || !(begin <= from)) {
		await response.body?.cancel();
		throw new OptionError(
			`${subject}: the Hub sends ${total} bytes from ${begin} on; expected ${size} from ${from} on, as it lists the file`,
		);
	}
	const reader = (response.body as ReadableStream<Uint8Array>).getReader();
	try {
		for (let skip = from - begin; ; ) {
			const { done, value } = await reader.read().catch((error) => refuse(subject, error));
			if (done) return;
			if (skip < value.length) yield value.subarray(skip);
			skip = Math.max(0, skip - value.length);
		}
	} finally {
		await reader.cancel().catch(() => {});
	}
}

/** Says in one line why the Hub did not give what it was asked for. */
function refuse(subject: string, error: unknown): never {
	if (error instanceof LongspanError) throw error;
	const { statusCode: status, data } = (isRecord(error) ? error : {}) as { statusCode?: number; data?: unknown };
	const { error: message, message: other } = isRecord(data) ? data : {};
	const said = [message, other].find((text) => typeof text === "string" && text.length > 0);
	const told = `status ${status}${said === undefined ? "" : `: ${quoted(said)}`}`;
	if (status === 401)
		throw new OptionError(
			`${subject}: the Hub does not show it (${told}): it does not exist, or accessToken is missing or may not read it; check the id`,
			{ cause: error },
		);
	if (status === 403)
		throw new OptionError(
			`${subject}: the Hub does not give it out (${told}): accept its conditions on its page, and pass an accessToken that may read it`,
			{ cause: error },
		);
	if (status === 404)
		throw new OptionError(`${subject}: the Hub has no such repository, revision or file (${told})`, { cause: error });
	if (status !== undefined && status < 500 && status !== 408 && status !== 429)
		throw new OptionError(`${subject}: the Hub refuses it (${told})`, { cause: error });
	const reason = status !== undefined ? told : reasonOf(error);
	throw new UnreachableError(`${subject}: the Hub cannot be reached (${reason}); try again later`, { cause: error });
}

/** Why a request got no answer. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const cause = error.cause instanceof Error ? error.cause : error;
	return ("code" in cause && typeof cause.code === "string" && cause.code) || cause.message || cause.name;
}

import { OptionError } from "../../../errors.js";
import { quoted } from "../json.js";
import type { ModelFiles } from "../model-files.js";
import { inNode } from "../node.js";
import type { FilesOptions } from "../open-model-files.js";
import type { ProgressEvent } from "../progress.js";
import { checkRelativePath, isRelativePath } from "../relative-path.js";
import { browserCache } from "./browser-cache.js";
import { folderCache } from "./folder-cache.node.js";
import type { HubCache, HubFile } from "./hub-cache.js";
import { askCommit, askFiles, download, type Repository, UnreachableError } from "./hub-client.js";

/** The variables of the environment in Node. */
const environment = inNode ? process.env : {};

/** Bytes between two events of progress. */
const progressBytes = 2 ** 20;

/** Downloads under way, so that two models loaded at once do not fetch a file twice. */
const downloads = new Map<string, Promise<void>>();

/**
 * The files of a repository of the Hub at one commit, which is looked up once. Files are downloaded when they are first read. Without
 * network the cache is used as it is.
 *
 * @throws OptionError if there is no such repository or revision, or neither the Hub nor the cache has it
 */
export async function hubFiles(id: string, options: FilesOptions): Promise<ModelFiles> {
	const { revision = "main", cacheDir, progress } = options;
	const { localFilesOnly = ["1", "true", "yes", "on"].includes(environment.HF_HUB_OFFLINE?.toLowerCase() ?? "") } =
		options;
	if (!isRelativePath(revision))
		throw new OptionError(`fromPretrained: revision is ${quoted(revision)}; expected a branch, a tag or a commit`);
	const repository = { id, hubUrl: await addressOf(options.hubUrl), accessToken: tokenOf(options.accessToken) };
	const cache = await (inNode ? folderCache(id, cacheDir) : browserCache(repository, cacheDir));
	const known = /^[0-9a-f]{40}$/.test(revision) ? revision : undefined;
	let found: { commit: string; online: boolean } | undefined;
	if (localFilesOnly) {
		const commit = known ?? (await cache.commitOf(revision));
		if (commit === undefined)
			throw new OptionError(
				`${id}: revision ${quoted(revision)} is not in ${cache.location}; load it once without localFilesOnly (HF_HUB_OFFLINE)`,
			);
		found = { commit, online: false };
	} else found = await commitNow(repository, revision, known, cache);
	return new HubFiles(repository, found.commit, cache, found.online, progress);
}

/** The commit of a revision by the Hub, or by the cache if the Hub cannot be reached. */
async function commitNow(
	repository: Repository,
	revision: string,
	known: string | undefined,
	cache: HubCache,
): Promise<{ commit: string; online: boolean }> {
	if (known !== undefined) return { commit: known, online: true };
	try {
		const commit = await askCommit(repository, revision);
		await cache.saveCommit(revision, commit);
		return { commit, online: true };
	} catch (error) {
		if (!(error instanceof UnreachableError)) throw error;
		const commit = await cache.commitOf(revision);
		if (commit === undefined)
			throw new OptionError(`${error.message}; ${cache.location} has nothing of it`, { cause: error });
		return { commit, online: false };
	}
}

class HubFiles implements ModelFiles {
	/** Whether the Hub may be asked. */
	#online: boolean;
	#listing: Promise<ReadonlyMap<string, HubFile>> | undefined;
	/** Sizes of files that are in the cache. */
	readonly #kept = new Map<string, number>();

	constructor(
		readonly repository: Repository,
		readonly commit: string,
		readonly cache: HubCache,
		online: boolean,
		readonly progress: ((event: ProgressEvent) => void) | undefined,
	) {
		this.#online = online;
	}

	get location(): string {
		return this.#online
			? this.repository.id
			: `${this.repository.id} (what ${this.cache.location} has, without network)`;
	}

	async size(path: string): Promise<number | undefined> {
		checkRelativePath(this.location, path);
		return (await this.#keptSize(path)) ?? (await this.#listed(path))?.size;
	}

	async read(path: string, begin: number, end: number): Promise<Uint8Array> {
		checkRelativePath(this.location, path);
		if ((await this.#keptSize(path)) === undefined) {
			const file = await this.#listed(path);
			if (!file) throw new OptionError(`${this.location}: there is no ${path}`);
			await this.#fetch(file);
		}
		return this.cache.read(this.commit, path, begin, end);
	}

	async #keptSize(path: string): Promise<number | undefined> {
		const size = this.#kept.get(path) ?? (await this.cache.size(this.commit, path));
		if (size !== undefined) this.#kept.set(path, size);
		return size;
	}

	/** A file as the Hub lists it; undefined if it has none, or cannot be asked. */
	async #listed(path: string): Promise<HubFile | undefined> {
		if (!this.#online) return undefined;
		this.#listing ??= askFiles(this.repository, this.commit);
		try {
			return (await this.#listing).get(path);
		} catch (error) {
			if (!(error instanceof UnreachableError)) throw error;
			this.#online = false;
			return undefined;
		}
	}

	async #fetch(file: HubFile): Promise<void> {
		const key = `${this.cache.location} ${this.commit} ${file.path}`;
		const running =
			downloads.get(key) ??
			this.cache
				.add(this.commit, file, (from) => this.#bytes(file, from))
				.finally(() => {
					downloads.delete(key);
				});
		downloads.set(key, running);
		return running;
	}

	async *#bytes(file: HubFile, from: number): AsyncGenerator<Uint8Array> {
		let [loaded, told] = [from, from];
		const tell = (status: ProgressEvent["status"]) => {
			told = loaded;
			const { path, size: total } = file;
			const share = total === 0 ? 1 : loaded / total;
			this.progress?.({ status, name: this.repository.id, file: path, loaded, total, progress: 100 * share });
		};
		tell("initiate");
		for await (const bytes of download(this.repository, this.commit, file, from)) {
			loaded += bytes.length;
			yield bytes;
			if (loaded - told >= progressBytes || loaded === file.size) tell("progress");
		}
		tell("done");
	}
}

async function addressOf(hubUrl: string | undefined): Promise<string> {
	const address = hubUrl ?? (environment.HF_ENDPOINT || (await import("@huggingface/hub")).HUB_URL);
	if (!(URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)))
		throw new OptionError(`fromPretrained: hubUrl is ${quoted(address)}; expected an address with http: or https:`);
	return address.replace(/\/+$/, "");
}

function tokenOf(accessToken: string | undefined): string | undefined {
	const token = accessToken ?? (environment.HF_TOKEN || undefined);
	if (token !== undefined && !/^hf_\w+$/.test(token))
		throw new OptionError(
			`fromPretrained: ${accessToken === undefined ? "the environment variable HF_TOKEN" : "accessToken"} is no token of the Hub; expected a text that begins with hf_`,
		);
	return token;
}

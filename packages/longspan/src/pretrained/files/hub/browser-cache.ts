import { OptionError } from "../../../errors.js";
import type { HubCache, HubFile } from "./hub-cache.js";
import type { Repository } from "./hub-client.js";

/** Bytes of the parts in which contents are kept: a download goes on at the last whole one, and reads open only those they need. */
const partBytes = 2 ** 24;

/**
 * A cache in the Cache Storage of a browser, which windows and workers have in secure contexts. Contents are kept in parts by hash; their
 * sizes are checked, not their hashes.
 *
 * @param name name of the cache. Default: "longspan"
 */
export async function browserCache({ id, hubUrl }: Repository, name = "longspan"): Promise<HubCache> {
	if (!("caches" in globalThis))
		throw new OptionError(
			`${id}: this browser has no Cache Storage; serve the page over https (or from localhost), or pass the files of a checkpoint`,
		);
	const cache = await caches.open(name);
	const keyOf = (...parts: (string | number)[]) =>
		[hubUrl, id, ...parts.map((part) => String(part).split("/").map(encodeURIComponent).join("/"))].join("/");
	const text = async (key: string) => (await cache.match(key))?.text();
	const fileOf = async (commit: string, path: string): Promise<Pick<HubFile, "size" | "hash"> | undefined> =>
		JSON.parse((await text(keyOf("snapshots", commit, path))) ?? "null") ?? undefined;
	let open: { key: string; part: Blob } | undefined;
	const partOf = async (key: string): Promise<Blob> => {
		if (open?.key === key) return open.part;
		const found = await cache.match(key);
		if (!found) throw new OptionError(`${id}: the browser has removed a part of it from its cache; load it again`);
		open = { key, part: await found.blob() };
		return open.part;
	};
	return {
		location: `the cache "${name}"`,
		commitOf: (revision) => text(keyOf("refs", revision)),
		saveCommit: (revision, commit) => cache.put(keyOf("refs", revision), new Response(commit)),
		async size(commit, path) {
			const file = await fileOf(commit, path);
			if (!file) return undefined;
			const parts = Math.ceil(file.size / partBytes);
			for (let part = 0; part < parts; part++)
				if (!(await cache.match(keyOf("blobs", file.hash, part)))) return undefined;
			return file.size;
		},
		async read(commit, path, begin, end) {
			const { hash } = (await fileOf(commit, path)) as HubFile;
			const bytes = new Uint8Array(end - begin);
			for (let at = begin; at < end; ) {
				const part = Math.floor(at / partBytes);
				const until = Math.min(end, (part + 1) * partBytes);
				const blob = await partOf(keyOf("blobs", hash, part));
				const piece = await blob.slice(at - part * partBytes, until - part * partBytes).arrayBuffer();
				bytes.set(new Uint8Array(piece), at - begin);
				at = until;
			}
			return bytes;
		},
		async add(commit, { path, size, hash }, bytesFrom) {
			let part = 0;
			while ((part + 1) * partBytes <= size && (await cache.match(keyOf("blobs", hash, part)))) part++;
			const buffer = new Uint8Array(Math.min(partBytes, size - part * partBytes));
			let [at, used] = [part * partBytes, 0];
			const store = async () => {
				await cache.put(keyOf("blobs", hash, part++), new Response(buffer.slice(0, used)));
				used = 0;
			};
			for await (const bytes of bytesFrom(at)) {
				at += bytes.length;
				if (at > size) break;
				for (let from = 0; from < bytes.length; ) {
					const piece = bytes.subarray(from, from + buffer.length - used);
					buffer.set(piece, used);
					used += piece.length;
					from += piece.length;
					if (used === buffer.length) await store();
				}
			}
			if (at !== size) throw new OptionError(`${path}: ${at} bytes came; expected ${size}, as the Hub lists the file`);
			if (used > 0) await store();
			await cache.put(keyOf("snapshots", commit, path), new Response(JSON.stringify({ size, hash })));
		},
	};
}

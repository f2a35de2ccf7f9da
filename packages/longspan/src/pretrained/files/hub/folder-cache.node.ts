import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { OptionError } from "../../../errors.js";
import { explained, fileSize, readRange } from "../folder.node.js";
import { codeOf, nodeModules } from "../node.js";
import type { HubCache, HubFile } from "./hub-cache.js";

/** Bytes read at once to check what an interrupted download has left. */
const pieceBytes = 2 ** 22;

/**
 * The cache that Python's huggingface_hub keeps, in its layout, so that each finds what the other downloaded: in
 * `models--organisation--name`, contents by hash in `blobs`, the commits of branches and tags in `refs`, and for each commit a folder in
 * `snapshots` with links to its contents.
 *
 * @param cacheDir folder of all repositories. Default: that of Python
 */
export async function folderCache(id: string, cacheDir: string | undefined): Promise<HubCache> {
	const { fs, path: paths } = nodeModules();
	const { getHFHubCachePath, getRepoFolderName } = await import("@huggingface/hub");
	const root = cacheDir ?? getHFHubCachePath();
	const folder = paths.join(root, getRepoFolderName({ type: "model", name: id }));
	const placeOf = (commit: string, path: string) => paths.join(folder, "snapshots", commit, path);
	const commitOf = async (revision: string) => {
		const text = await fs.readFile(paths.join(folder, "refs", revision), "utf8").catch(() => "");
		return /^[0-9a-f]{40}\s*$/.test(text) ? text.trim() : undefined;
	};
	const writing = async (path: string, write: () => Promise<void>) => {
		try {
			await fs.mkdir(paths.dirname(path), { recursive: true });
			await write();
		} catch (error) {
			throw explained(path, error);
		}
	};
	return {
		location: root,
		commitOf,
		async saveCommit(revision, commit) {
			const path = paths.join(folder, "refs", revision);
			if ((await commitOf(revision)) !== commit) await writing(path, () => fs.writeFile(path, commit));
		},
		size: (commit, path) => fileSize(placeOf(commit, path)),
		read: (commit, path, begin, end) => readRange(placeOf(commit, path), begin, end),
		async add(commit, file, bytesFrom) {
			const blob = paths.join(folder, "blobs", file.hash);
			await writing(blob, async () => {
				if ((await fileSize(blob)) !== file.size) await complete(blob, file, bytesFrom);
			});
			const place = placeOf(commit, file.path);
			await writing(place, () => link(blob, place));
		},
	};
}

/**
 * Completes `<blob>.incomplete`, checks its hash, and renames it. Bytes are written at their places, so that processes that download the
 * same file at once write the same.
 */
async function complete(
	blob: string,
	{ path, size, hash }: HubFile,
	bytesFrom: (from: number) => AsyncIterable<Uint8Array>,
): Promise<void> {
	const { fs, crypto } = nodeModules();
	const draft = `${blob}.incomplete`;
	if (((await fileSize(draft)) ?? 0) > size) await fs.rm(draft, { force: true });
	const sum = hash.length === 64 ? crypto.createHash("sha256") : crypto.createHash("sha1").update(`blob ${size}\0`);
	// "a" would write behind what another process has written meanwhile.
	const file = await fs.open(draft, "r+").catch(() => fs.open(draft, "w+"));
	let at: number;
	try {
		at = await addPart(file, sum);
		for await (const bytes of bytesFrom(at)) {
			sum.update(bytes);
			for (let from = 0; from < bytes.length; )
				from += (await file.write(bytes, from, undefined, at + from)).bytesWritten;
			at += bytes.length;
		}
	} finally {
		await file.close();
	}
	if (at !== size || sum.digest("hex") !== hash) {
		await fs.rm(draft, { force: true });
		throw new OptionError(`${path}: the ${at} bytes that came are not the file that the Hub lists; load it again`);
	}
	try {
		await fs.rename(draft, blob);
	} catch (error) {
		// Another process was first.
		if (codeOf(error) !== "ENOENT" || (await fileSize(blob)) !== size) throw error;
	}
}

/** Adds what is there to a hash; its bytes. */
async function addPart(file: FileHandle, sum: Hash): Promise<number> {
	const piece = new Uint8Array(pieceBytes);
	for (let at = 0; ; ) {
		const { bytesRead } = await file.read(piece, 0, pieceBytes, at);
		if (bytesRead === 0) return at;
		sum.update(piece.subarray(0, bytesRead));
		at += bytesRead;
	}
}

/** Lets a place of a snapshot show a content. */
async function link(blob: string, place: string): Promise<void> {
	const { fs, path: paths } = nodeModules();
	// A link whose content was removed is in the way.
	await fs.rm(place, { force: true });
	try {
		await fs.symlink(paths.relative(paths.dirname(place), blob), place);
	} catch (error) {
		if (codeOf(error) === "EEXIST") return;
		// Where links are not allowed, as on Windows, the content itself lies in the snapshot, as Python does it.
		await fs.rename(blob, place);
	}
}

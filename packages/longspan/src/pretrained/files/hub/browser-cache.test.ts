import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { browserCache } from "./browser-cache.js";

/** Cache Storage as far as it is used. */
class FakeCaches {
	readonly entries = new Map<string, Uint8Array>();

	async open() {
		return {
			match: async (key: string) => {
				const bytes = this.entries.get(key);
				return bytes && new Response(bytes.slice());
			},
			put: async (key: string, response: Response) => {
				this.entries.set(new URL(key).href, new Uint8Array(await response.arrayBuffer()));
			},
		};
	}
}

const part = 2 ** 24;
const size = 2 * part + 5;
const content = new Uint8Array(size).fill(3);
content[0] = 1;
content[part - 1] = 2;
content[part] = 4;
content[size - 1] = 5;
const file = { path: "sub/model.safetensors", size, hash: "ab".repeat(32) };
const commit = "c".repeat(40);
let storage: FakeCaches;

beforeEach(() => {
	storage = new FakeCaches();
	vi.stubGlobal("caches", storage);
});
afterEach(() => vi.unstubAllGlobals());

const open = () => browserCache({ id: "some/model", hubUrl: "https://hub.test", accessToken: undefined });

/** The content from a place on in uneven pieces, which may break off. */
async function* pieces(from: number, end = size) {
	for (let at = from; at < end; at += 3_000_001) yield content.subarray(at, Math.min(at + 3_000_001, end));
}

it("keeps files in parts, and reads ranges of them", async () => {
	const cache = await open();
	expect(await cache.size(commit, file.path)).toBeUndefined();
	const starts: number[] = [];
	await cache.add(commit, file, (from) => {
		starts.push(from);
		return pieces(from);
	});
	expect(starts).toEqual([0]);
	expect(await cache.size(commit, file.path)).toBe(size);
	expect([...(await cache.read(commit, file.path, part - 2, part + 2))]).toEqual([3, 2, 4, 3]);
	expect([...(await cache.read(commit, file.path, size - 2, size))]).toEqual([3, 5]);
	expect(await cache.read(commit, file.path, 9, 9)).toHaveLength(0);
	expect(Buffer.compare(await cache.read(commit, file.path, 0, size), content)).toBe(0);
	expect([...storage.entries.values()].map(({ length }) => length).slice(0, 3)).toEqual([part, part, 5]);
});

it("goes on at the last whole part", async () => {
	const cache = await open();
	await expect(cache.add(commit, file, (from) => pieces(from, part + 1000))).rejects.toThrow(
		/model.safetensors: 16778216 bytes came; expected 33554437/,
	);
	expect(await cache.size(commit, file.path)).toBeUndefined();
	const starts: number[] = [];
	await cache.add(commit, file, (from) => {
		starts.push(from);
		return pieces(from);
	});
	expect(starts).toEqual([part]);
	expect(Buffer.compare(await cache.read(commit, file.path, 0, size), content)).toBe(0);
});

it("keeps small and empty files, once for all commits", async () => {
	const cache = await open();
	for (const [length, name] of [
		[0, "empty"],
		[part, "whole"],
	] as const) {
		const small = { path: name, size: length, hash: name };
		let asked = 0;
		for (const each of [commit, "d".repeat(40)])
			await cache.add(each, small, (from) => {
				asked += length - from;
				return pieces(from, length);
			});
		expect(asked).toBe(length);
		expect(await cache.size(commit, name)).toBe(length);
		expect(await cache.read(commit, name, 0, length)).toHaveLength(length);
	}
});

it("misses what the browser has removed", async () => {
	const cache = await open();
	await cache.add(commit, file, pieces);
	const key = [...storage.entries.keys()].find((each) => each.endsWith("/1")) as string;
	storage.entries.delete(key);
	expect(await cache.size(commit, file.path)).toBeUndefined();
	await expect(cache.read(commit, file.path, part, part + 1)).rejects.toThrow(/some\/model: the browser has removed/);
	await cache.add(commit, file, pieces);
	expect(await cache.size(commit, file.path)).toBe(size);
});

it("remembers revisions", async () => {
	const cache = await open();
	expect(await cache.commitOf("refs/pr/1")).toBeUndefined();
	await cache.saveCommit("refs/pr/1", commit);
	expect(await (await open()).commitOf("refs/pr/1")).toBe(commit);
});

it("says what it needs", async () => {
	vi.unstubAllGlobals();
	await expect(open()).rejects.toThrow(/some\/model: this browser has no Cache Storage; serve the page over https/);
});

import {
	existsSync,
	lstatSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OptionError } from "../../../errors.js";
import { type FakeHub, startFakeHub } from "../../../testing/fake-hub.js";
import { type FilesOptions, openModelFiles } from "../open-model-files.js";
import type { ProgressEvent } from "../progress.js";

const id = "some/model";
const large = Uint8Array.from({ length: 3_000_000 }, (_, index) => index ** 2 % 251);
const config = new TextEncoder().encode('{"a":1}');

let hub: FakeHub;
let cacheDir: string;

beforeEach(async () => {
	cacheDir = mkdtempSync(join(tmpdir(), "longspan-hub-"));
	hub = await startFakeHub(id, {
		"config.json": config,
		"model.safetensors": large,
		"sub/empty.txt": new Uint8Array(),
	});
	for (const name of ["HF_TOKEN", "HF_HUB_OFFLINE", "HF_ENDPOINT"]) vi.stubEnv(name, undefined);
});

afterEach(async () => {
	vi.unstubAllEnvs();
	await hub[Symbol.asyncDispose]();
	rmSync(cacheDir, { recursive: true });
});

const open = (options: FilesOptions = {}) => openModelFiles(id, { hubUrl: hub.url, cacheDir, ...options });
const repository = (...parts: string[]) => join(cacheDir, "models--some--model", ...parts);
const readLarge = async (options?: FilesOptions) => (await open(options)).read("model.safetensors", 0, large.length);
/** As `toEqual`, but in no time for megabytes. */
const isLarge = (bytes: Uint8Array) => expect(Buffer.compare(bytes, large)).toBe(0);
const downloads = () => hub.requests.filter((request) => request.includes("/resolve/"));

describe("files of the Hub", () => {
	it("are kept as Python keeps them, and read from there", async () => {
		const files = await open();
		expect(await files.size("config.json")).toBe(7);
		expect(await files.size("missing.json")).toBeUndefined();
		expect(downloads()).toEqual([]);
		expect(await files.read("config.json", 1, 4)).toEqual(config.slice(1, 4));
		expect(await files.read("model.safetensors", 2_999_990, 3_000_000)).toEqual(large.slice(-10));
		expect(Buffer.compare(await files.read("model.safetensors", 5, 2_000_000), large.subarray(5, 2_000_000))).toBe(0);
		expect(await files.read("sub/empty.txt", 0, 0)).toEqual(new Uint8Array());
		expect(downloads()).toHaveLength(2);

		expect(readFileSync(repository("refs", "main"), "utf8")).toBe(hub.commit);
		const snapshot = (path: string) => repository("snapshots", hub.commit, path);
		expect(readlinkSync(snapshot("config.json"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
		expect(readlinkSync(snapshot("model.safetensors"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
		expect(readlinkSync(snapshot("sub/empty.txt"))).toBe("../../../blobs/e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
		isLarge(readFileSync(snapshot("model.safetensors")));
		expect(readdirSync(repository("blobs")).filter((name) => name.includes("."))).toEqual([]);
	});

	it("are asked for once, and once for all who load them at once", async () => {
		await Promise.all([readLarge(), readLarge()]);
		expect(downloads()).toHaveLength(1);
		const before = hub.requests.length;
		isLarge(await readLarge());
		expect(hub.requests.slice(before)).toEqual([`GET /api/models/${id}/revision/main`]);
		isLarge(await readLarge({ revision: hub.commit }));
		expect(hub.requests).toHaveLength(before + 1);
	});

	it("are asked for as the environment says, unless options say otherwise", async () => {
		vi.stubEnv("HF_HUB_CACHE", cacheDir);
		vi.stubEnv("HF_ENDPOINT", `${hub.url}/`);
		vi.stubEnv("HF_TOKEN", "hf_environment");
		await (await openModelFiles(id)).read("config.json", 0, 1);
		expect(hub.authorizations).toEqual(new Set(["Bearer hf_environment"]));
		expect(existsSync(repository("refs", "main"))).toBe(true);
		await (await openModelFiles(id, { accessToken: "hf_own" })).read("model.safetensors", 0, 1);
		expect(hub.authorizations).toEqual(new Set(["Bearer hf_environment", "Bearer hf_own"]));
	});

	it("come from other revisions too", async () => {
		await readLarge({ revision: "refs/pr/1" });
		expect(readFileSync(repository("refs", "refs", "pr", "1"), "utf8")).toBe(hub.commit);
	});

	it("go on where a download broke off", async () => {
		hub.faults.breaks.push(1_000_000, 500_000);
		isLarge(await readLarge());
		const starts = downloads().map((request) => Number(/bytes=(\d+)-/.exec(request)?.[1]));
		expect(starts).toHaveLength(3);
		expect(starts[0]).toBe(0);
		expect(starts[1]).toBeGreaterThan(0);
		expect(starts[2]).toBeGreaterThanOrEqual(starts[1] as number);
	});

	it("go on where an earlier process was stopped", async () => {
		await readLarge();
		const [blob] = readdirSync(repository("blobs")).map((name) => repository("blobs", name)) as [string];
		rmSync(repository("snapshots"), { recursive: true });
		const restart = async (left: Uint8Array, first: number | undefined) => {
			rmSync(blob, { force: true });
			rmSync(repository("snapshots"), { recursive: true, force: true });
			writeFileSync(`${blob}.incomplete`, left);
			const before = downloads().length;
			isLarge(await readLarge());
			const expected = first === undefined ? [] : [expect.stringMatching(`bytes=${first}-$`)];
			expect(downloads().slice(before)).toEqual(expected);
			expect(existsSync(`${blob}.incomplete`)).toBe(false);
		};
		await restart(large.slice(0, 1_234_567), 1_234_567);
		await restart(large, undefined);
		await restart(new Uint8Array(large.length + 1), 0);
		hub.faults.whole = true;
		await restart(large.slice(0, 777), 777);
	});

	it("that were damaged on the way are thrown away", async () => {
		hub.faults.corrupt = true;
		await expect(readLarge()).rejects.toThrow(/model.safetensors: the 3000000 bytes that came are not the file/);
		expect(readdirSync(repository("blobs"))).toEqual([]);
		hub.faults.corrupt = false;
		isLarge(await readLarge());
	});

	it("of another size than listed are refused", async () => {
		hub.faults.shorter = 10;
		await expect(readLarge()).rejects.toThrow(OptionError);
		await expect(readLarge()).rejects.toThrow(/the Hub sends 2999990 bytes from 0 on; expected 3000000 from 0 on/);
	});

	it("replace links whose content was removed", async () => {
		await readLarge();
		for (const name of readdirSync(repository("blobs"))) rmSync(repository("blobs", name));
		isLarge(await readLarge());
		expect(lstatSync(repository("snapshots", hub.commit, "model.safetensors")).isSymbolicLink()).toBe(true);
	});

	it("tell their progress", async () => {
		const events: ProgressEvent[] = [];
		await readLarge({ progress: (event) => events.push(event) });
		const about = { name: id, file: "model.safetensors", total: large.length };
		expect(events[0]).toEqual({ ...about, status: "initiate", loaded: 0, progress: 0 });
		expect(events.at(-1)).toEqual({ ...about, status: "done", loaded: large.length, progress: 100 });
		const between = events.slice(1, -1);
		expect(between.map(({ status }) => status)).toEqual(between.map(() => "progress"));
		expect(between.length).toBeGreaterThan(1);
		expect(between.map(({ loaded }) => loaded)).toEqual(between.map(({ loaded }) => loaded).toSorted((a, b) => a - b));
	});
});

describe("without network", () => {
	const gone = "http://127.0.0.1:9";

	it("what the cache has is used", async () => {
		await readLarge();
		const before = hub.requests.length;
		for (const options of [{ hubUrl: gone }, { localFilesOnly: true }, { hubUrl: gone, revision: hub.commit }]) {
			const files = await open(options);
			expect(await files.read("model.safetensors", 0, 9)).toEqual(large.slice(0, 9));
			expect(await files.size("config.json")).toBeUndefined();
			expect(files.location).toContain(`some/model (what ${cacheDir} has, without network)`);
		}
		vi.stubEnv("HF_HUB_OFFLINE", "1");
		await readLarge();
		expect(hub.requests).toHaveLength(before);
	});

	it("what Python has downloaded is used", async () => {
		const blob = "0".repeat(40);
		await readLarge();
		writeFileSync(repository("blobs", blob), "{}");
		symlinkSync(`../../blobs/${blob}`, repository("snapshots", hub.commit, "vocab.json"));
		const files = await open({ localFilesOnly: true });
		expect(await files.read("vocab.json", 0, 2)).toEqual(new TextEncoder().encode("{}"));
	});

	it("what it lacks is said", async () => {
		await expect(open({ localFilesOnly: true })).rejects.toThrow(
			/^some\/model: revision "main" is not in .*; load it once without localFilesOnly/,
		);
		await expect(open({ hubUrl: gone })).rejects.toThrow(
			/^some\/model, revision "main": the Hub cannot be reached \(.+\); try again later; .* has nothing of it$/,
		);
		await readLarge();
		const files = await open({ localFilesOnly: true });
		await expect(files.read("config.json", 0, 7)).rejects.toThrow(/without network\): there is no config.json/);
	});

	it("a busy Hub is one that cannot be reached", async () => {
		await readLarge();
		hub.faults.status = 503;
		isLarge(await readLarge());
	});
});

describe("a repository that cannot be had", () => {
	it.each<[status: number, message: RegExp]>([
		[
			401,
			/^some\/model, revision "main": the Hub does not show it \(status 401: "no"\): it does not exist, or accessToken/,
		],
		[403, /the Hub does not give it out \(status 403: "no"\): accept its conditions/],
		[404, /the Hub has no such repository, revision or file \(status 404: "no"\)/],
		[400, /the Hub refuses it \(status 400: "no"\)/],
	])("is refused: status %d", async (status, message) => {
		hub.faults.status = status;
		await expect(open()).rejects.toThrow(OptionError);
		await expect(open()).rejects.toThrow(message);
	});

	it("is refused: no such revision", async () => {
		await expect(open({ revision: "other" })).rejects.toThrow(
			/revision "other": .*status 404: "Invalid rev id: other"/,
		);
	});

	it("is refused: files that are listed but not there", async () => {
		const files = await open();
		await files.size("config.json");
		hub.files.delete("config.json");
		await expect(files.read("config.json", 0, 7)).rejects.toThrow(/^some\/model\/config.json: the Hub has no such/);
	});

	it.each<[options: FilesOptions, message: RegExp]>([
		[{ revision: "../main" }, /revision is "..\/main"; expected a branch, a tag or a commit/],
		[{ revision: "" }, /revision is ""; expected a text/],
		[{ hubUrl: "ftp://hub" }, /hubUrl is "ftp:\/\/hub"; expected an address/],
		[{ accessToken: "secret" }, /accessToken is no token of the Hub; expected a text that begins with hf_$/],
		[{ localFilesOnly: 1 as never }, /localFilesOnly is 1; expected true or false/],
		[{ progress: {} as never }, /progress is an object; expected a function/],
	])("is refused: %j", async (options, message) => {
		await expect(open(options)).rejects.toThrow(OptionError);
		await expect(open(options)).rejects.toThrow(message);
	});

	it("does not leave half a file that reads as a whole", async () => {
		hub.faults.breaks.push(...new Array(20).fill(0));
		await expect(readLarge()).rejects.toThrow(/^some\/model\/model.safetensors: the Hub cannot be reached/);
		await expect((await open({ localFilesOnly: true })).read("model.safetensors", 0, 1)).rejects.toThrow(/there is no/);
		hub.faults.breaks.length = 0;
		isLarge(await readLarge());
		truncateSync(repository("refs", "main"), 5);
		isLarge(await readLarge());
	});
});

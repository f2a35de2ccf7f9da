import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FillMaskSingle, init, type PipelineOptions, pipeline } from "../src/index.js";
import { type FakeHub, startFakeHub } from "../src/testing/fake-hub.js";
import type { MemoryFiles } from "../src/testing/memory-files.js";
import { tinyCheckpoint } from "../src/testing/tiny-checkpoint.js";
import { type Bundle, bundlePage } from "./bundle.js";
import { chromiumPresent, launchChromium, type PageServer, servePages } from "./chromium.js";

const id = "some/longformer";
const text = "the light <mask>s at night, and nobody keeps it";

/** What the page does: `run` fills the mask of a text, with a model of the Hub or of files that were chosen. */
const script = `
import { init, pipeline } from "longspan";
function chosenFiles() {
	const files = new Map([...document.querySelector("input").files].map((file) => [file.name, file]));
	return {
		location: "the files",
		size: async (path) => files.get(path)?.size,
		read: async (path, begin, end) => new Uint8Array(await files.get(path).slice(begin, end).arrayBuffer()),
	};
}
globalThis.run = async ({ id, text, threads, ...options }) => {
	const device = await init(threads ? { threads } : {});
	const events = [];
	const progress = ({ status, file }) => events.push(status + " " + file);
	const fill = await pipeline("fill-mask", id ?? chosenFiles(), { device, progress, ...options });
	const found = await fill(text);
	const { description } = device;
	device.dispose();
	return { found, events, description };
};`;

interface Run extends PipelineOptions {
	readonly id?: string;
	readonly text: string;
	readonly threads?: number;
}

interface Outcome {
	readonly found: readonly FillMaskSingle[];
	readonly events: string[];
	readonly description: string;
}

describe.skipIf(!chromiumPresent)("a pretrained model in a real browser (skipped without Debian's chromium)", () => {
	let [files, hub, bundle, server, browser]: [MemoryFiles, FakeHub, Bundle, PageServer, Browser] = [] as never;
	let expected: readonly FillMaskSingle[];

	beforeAll(async () => {
		files = await tinyCheckpoint("masked-lm");
		hub = await startFakeHub(id, Object.fromEntries(files.contents));
		bundle = await bundlePage(script, `<input type="file" multiple>`);
		server = await servePages(bundle.root);
		browser = await launchChromium();
		const device = await init({ device: "wasm", threads: 2 });
		const fill = await pipeline("fill-mask", files, { device, dtype: "q8" });
		expected = (await fill(text)) as readonly FillMaskSingle[];
		device.dispose();
	}, 60_000);
	afterAll(async () => {
		await browser?.close();
		await server?.[Symbol.asyncDispose]();
		await hub?.[Symbol.asyncDispose]();
		bundle?.[Symbol.dispose]();
	});

	const inPage = async (
		context: BrowserContext,
		kind: "isolated" | "plain",
		run: Omit<Run, "text">,
		chosen: Iterable<readonly [name: string, content: Uint8Array]> = [],
	): Promise<Outcome> => {
		const page = await context.newPage();
		try {
			await page.goto(`${server.origin}/${kind}/index.html`);
			await page.setInputFiles(
				"input",
				Array.from(chosen, ([name, content]) => ({
					...{ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) },
				})),
			);
			return (await page.evaluate(`run(${JSON.stringify({ dtype: "q8", ...run, text })})`)) as Outcome;
		} finally {
			await page.close();
		}
	};

	const expectSame = (found: Outcome["found"]) =>
		expect(found).toEqual(expected.map((each) => ({ ...each, score: expect.closeTo(each.score, 5) })));

	it("comes from the Hub, then from the browser's cache without network, and says what Node says", async () => {
		const context = await browser.newContext();
		const first = await inPage(context, "isolated", { id, hubUrl: hub.url, threads: 2 });
		expect(first.description).toContain("2 threads");
		expectSame(first.found);
		expect(first.events).toContain("done model.safetensors");
		const asked = hub.requests.length;
		expect(asked).toBeGreaterThan(0);
		const second = await inPage(context, "isolated", { id, hubUrl: hub.url, threads: 2, localFilesOnly: true });
		expect(second).toEqual({ ...first, events: [] });
		expect(hub.requests).toHaveLength(asked);
		await context.close();
	});

	it("comes to a plain page without threads, for a token, and over a connection that breaks off", async () => {
		const context = await browser.newContext();
		hub.faults.breaks.push(3, 3, 3, 3);
		hub.faults.hidesRange = true;
		const accessToken = "hf_secret";
		const { found, description } = await inPage(context, "plain", { id, hubUrl: hub.url, accessToken });
		expect(description).toContain("1 thread");
		expectSame(found);
		expect(hub.faults.breaks).toEqual([]);
		expect(hub.authorizations).toContain(`Bearer ${accessToken}`);
		await context.close();
	});

	it("is made of files that were chosen", async () => {
		const context = await browser.newContext();
		expectSame((await inPage(context, "plain", {}, files.contents)).found);
		await context.close();
	});

	it("says what to do where there is neither cache nor network, and which file is missing", async () => {
		const context = await browser.newContext();
		const options = { id, hubUrl: hub.url, localFilesOnly: true };
		await expect(inPage(context, "plain", options)).rejects.toThrow(/is not in the cache "longspan"; load it once/);
		const some = [...files.contents].filter(([name]) => name !== "tokenizer.json");
		await expect(inPage(context, "plain", {}, some)).rejects.toThrow(/the files: there is no tokenizer\.json/);
		await expect(inPage(context, "plain", { id: "./folder" })).rejects.toThrow(/no folder/);
		await context.close();
	});
});

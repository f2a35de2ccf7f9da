import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const root = new URL("../", import.meta.url);
const types: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

/** Serves the built package; pages under /isolated/ may share memory between threads. */
function serve(): Promise<Server> {
	const server = createServer(async (request, response) => {
		const { pathname } = new URL(request.url ?? "/", "http://localhost");
		const headers: Record<string, string> = { "Content-Type": types[extname(pathname)] ?? "text/html" };
		if (pathname.startsWith("/isolated/"))
			Object.assign(headers, {
				"Cross-Origin-Opener-Policy": "same-origin",
				"Cross-Origin-Embedder-Policy": "require-corp",
				"Cross-Origin-Resource-Policy": "same-origin",
			});
		const file = pathname.replace(/^\/(isolated|plain)\//, "");
		try {
			const body =
				file === "page.html" ? "<!doctype html><title>longspan</title>" : await readFile(new URL(file, root));
			response.writeHead(200, headers).end(body);
		} catch {
			response.writeHead(404).end();
		}
	});
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

interface Outcome {
	description: string;
	isolated: boolean;
	outputs: number[][];
	refusal: string;
}

/** Runs in the page and in Node alike: attention of every kind, forward and backward, on numbers from the library's generator. */
async function exercise(entry: string, threads: number | undefined): Promise<Outcome> {
	const longspan = (await import(entry)) as typeof import("../src/index.js");
	const refusal = await longspan.init({ threads: 0 }).then(
		() => "",
		(error: Error) => `${error.name}: ${error.message}`,
	);
	const device = await longspan.init(threads === undefined ? {} : { threads });
	const mechanisms = [
		longspan.full({ causal: true }),
		longspan.slidingWindow({ window: 40 }),
		longspan.linear({ causal: true }),
		longspan.linear(),
	];
	const outputs: number[][] = [];
	for (const attend of mechanisms) {
		const inputs = [1, 2, 3].map((seed) => longspan.normal([1, 4, 600, 32], { seed }));
		const [q, k, v] = inputs as [(typeof inputs)[0], (typeof inputs)[0], (typeof inputs)[0]];
		const { output, pullback } = longspan.vjp(
			(a, b, c) => attend(a as typeof q, b as typeof q, c as typeof q),
			q,
			k,
			v,
		);
		const gradients = pullback(longspan.normal([1, 4, 600, 32], { seed: 4 }));
		for (const tensor of [output, ...gradients]) outputs.push(Array.from((await tensor.data()).slice(-2000)));
	}
	const { description } = device;
	device.dispose();
	return {
		description,
		isolated: (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? false,
		outputs,
		refusal,
	};
}

function largestDifference(a: number[][], b: number[][]): number {
	return Math.max(
		...a.map((row, i) => Math.max(...row.map((value, j) => Math.abs(value - (b[i]?.[j] ?? Number.NaN))))),
	);
}

describe.skipIf(!executablePath)("in a real browser (skipped without Debian's chromium)", () => {
	let server: Server;
	let browser: Browser;
	let expected: Outcome;
	const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

	beforeAll(async () => {
		server = await serve();
		browser = await chromium.launch({
			executablePath: executablePath as string,
			args: [
				"--no-sandbox",
				"--disable-gpu",
				"--disable-quic",
				"--no-first-run",
				"--disable-background-networking",
				"--disable-component-update",
				"--disable-sync",
			],
		});
		expected = await exercise(new URL("dist/index.js", root).href, 2);
	});
	afterAll(async () => {
		await browser?.close();
		server?.close();
	});

	const inPage = async (kind: "isolated" | "plain", threads?: number): Promise<Outcome> => {
		const page = await browser.newPage();
		try {
			await page.goto(`${origin()}/${kind}/page.html`);
			// The function is sent as text; `import` in it must reach the page as it is.
			const source = `(${exercise.toString().replace(/__vi_import__|__vite_ssr_dynamic_import__/g, "import")})`;
			return (await page.evaluate(`${source}("/${kind}/dist/index.js", ${threads})`)) as Outcome;
		} finally {
			await page.close();
		}
	};

	it("runs with threads on a cross-origin-isolated page and agrees with Node", async () => {
		const outcome = await inPage("isolated", 2);
		expect(outcome.isolated).toBe(true);
		expect(outcome.description).toContain("2 threads");
		expect(outcome.refusal).toMatch(/OptionError: init: threads is 0/);
		expect(largestDifference(outcome.outputs, expected.outputs)).toBeLessThan(2e-5);
	});

	it("runs without threads on a plain page and agrees with Node", async () => {
		const outcome = await inPage("plain");
		expect(outcome.isolated).toBe(false);
		expect(outcome.description).toContain("1 thread");
		expect(largestDifference(outcome.outputs, expected.outputs)).toBeLessThan(2e-5);
	});

	it("says what is missing when threads are asked for on a plain page", async () => {
		await expect(inPage("plain", 2)).rejects.toThrow(/cross-origin/i);
	});
});

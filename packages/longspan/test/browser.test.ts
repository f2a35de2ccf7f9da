import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPresent, launchChromium, type PageServer, servePages } from "./chromium.js";

const root = new URL("../", import.meta.url);

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

describe.skipIf(!chromiumPresent)("in a real browser (skipped without Debian's chromium)", () => {
	let server: PageServer;
	let browser: Browser;
	let expected: Outcome;

	beforeAll(async () => {
		server = await servePages(root);
		browser = await launchChromium();
		expected = await exercise(new URL("dist/index.js", root).href, 2);
	});
	afterAll(async () => {
		await browser?.close();
		await server?.[Symbol.asyncDispose]();
	});

	const inPage = async (kind: "isolated" | "plain", threads?: number): Promise<Outcome> => {
		const page = await browser.newPage();
		try {
			await page.goto(`${server.origin}/${kind}/page.html`);
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

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundlePage } from "./bundle.js";

const modulesOf = ({ chunks }: Bundle) => chunks.flatMap(({ modules }) => Object.keys(modules));
const bytesOf = ({ chunks }: Bundle) => chunks.reduce((sum, { code }) => sum + code.length, 0);

describe("bundled for a browser", () => {
	describe("the whole package", () => {
		let bundle: Bundle;
		beforeAll(async () => {
			bundle = await bundlePage(`import * as longspan from "longspan"; globalThis.longspan = longspan;`);
		}, 60_000);
		afterAll(() => bundle[Symbol.dispose]());

		it("has nothing of Node in it", () => {
			expect(modulesOf(bundle).filter((id) => /^node:|browser-external/.test(id))).toEqual([]);
			expect(bundle.chunks.flatMap(({ imports }) => imports).filter((id) => !id.startsWith("assets/"))).toEqual([]);
			expect(bundle.warnings).toEqual([]);
		});

		it("asks for tokenizers and for what talks to the Hub only when they are needed", () => {
			const main = bundle.chunks.find(({ isEntry }) => isEntry);
			expect(Object.keys(main?.modules ?? {}).filter((id) => id.includes("@huggingface"))).toEqual([]);
			expect(modulesOf(bundle).some((id) => /@huggingface\/hub\/dist\/browser\//.test(id))).toBe(true);
			expect(modulesOf(bundle).some((id) => id.includes("@huggingface/tokenizers"))).toBe(true);
			expect(bytesOf(bundle)).toBeLessThan(600_000);
		});
	});

	it.each([
		["one mechanism", `import { init, longformer } from "longspan"; globalThis.used = { init, longformer };`, 100_000],
		["tensors", `import { init, matmul } from "longspan"; globalThis.used = { init, matmul };`, 80_000],
	])("%s comes without pretrained models and their libraries", async (_, script, most) => {
		using bundle = await bundlePage(script);
		expect(
			modulesOf(bundle).filter((id) => /@huggingface|\/dist\/(pretrained|text|pipelines|models|generate)\//.test(id)),
		).toEqual([]);
		expect(bytesOf(bundle)).toBeLessThan(most);
		expect(bytesOf(bundle)).toBeGreaterThan(most / 2);
	});
});

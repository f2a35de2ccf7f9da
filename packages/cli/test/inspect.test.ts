import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { InspectResult } from "../src/inspect/result.js";
import type { SpectrumResult } from "../src/inspect/spectrum/result.js";
import { fetching, inEmptyFolder, missing, type Outcome } from "./command.js";

const { longspan, write, folder } = inEmptyFolder();
const read = (name: string) => readFileSync(join(folder(), name), "utf8");

describe.skipIf(missing !== "")(`longspan inspect${missing}`, () => {
	it("prints tables, and draws a picture or a page", async () => {
		const small = ["--length", "128", "--heads", "2", "--layers", "3"];
		const [picture, page] = await Promise.all(
			["window.svg", "window.html"].map((out) => longspan("inspect", "window:8", ...small, "--out", out)),
		);
		expect(picture?.code, picture?.stderr).toBe(0);
		expect(picture?.stdout).toMatch(/^window:8 \(window ±8\): 128 tokens, 2 heads\n/);
		expect(picture?.stdout).toMatch(/each head\s+2,104\s+12\.8 %\s+2,104\s+\d+\n/);
		expect(picture?.stdout).toMatch(/all heads\s+1,976\s+[\d.]+\s+16\s/);
		expect(picture?.stdout).toContain("random graph");
		expect(picture?.stderr).toBe("written to window.svg\n");
		expect(read("window.svg")).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
		expect(page?.stdout).toBe(picture?.stdout);
		expect(read("window.html")).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
		expect(read("window.html")).not.toMatch(fetching);
		expect(readdirSync(folder()).sort()).toEqual(["window.html", "window.svg"]);
	});

	it("prints one JSON document and nothing else", async () => {
		const { code, stdout, stderr } = await longspan("inspect", "linear", "--causal", "--length", "100", "--json");
		expect([code, stderr]).toEqual([0, ""]);
		const result = JSON.parse(stdout) as InspectResult;
		expect(result).toMatchObject({ attention: "linear", causal: true, length: 100, heads: 4, kind: "state" });
		expect(result.decoding.sizes).toHaveLength(2);
	});

	it("shows the spectrum of a model that was trained and saved", async () => {
		const text = write("text.txt", "Which attention fits? ".repeat(100));
		const training = ["--train", "2", "--train-length", "48", "--train-batch", "1", "--threads", "1"];
		const measured = ["--attentions", "full,window:16", "--lengths", "64", "--no-report", "--save-models", "models"];
		const trained = await longspan("compare", text, ...training, ...measured);
		expect(trained.code, trained.stderr).toBe(0);
		expect(trained.stderr).toContain("models saved in models\n");
		expect(readdirSync(join(folder(), "models")).sort()).toEqual(["full", "window-16"]);
		const spectrum = ["inspect", "spectrum", "--model", "models/window-16", "--data", text, "--windows", "2"];
		const [json, picture, page] = (await Promise.all(
			[
				["--json", "--length", "32"],
				["--out", "s.svg"],
				["--out", "s.html"],
			].map((args) => longspan(...spectrum, ...args)),
		)) as [Outcome, Outcome, Outcome];
		for (const { code, stderr } of [json, picture, page]) expect(code, stderr).toBe(0);
		const result = JSON.parse(json.stdout) as SpectrumResult;
		expect(result).toMatchObject({ length: 32, windows: 2, heatRank: 8, config: { attention: "window:16" } });
		expect(result.heads).toHaveLength(8);
		expect(picture.stdout).toMatch(/s\(12\): share of the sum of the 48 singular values/);
		expect(read("s.svg")).toMatch(/^<svg xmlns=[\s\S]*<\/svg>\n$/);
		expect(read("s.html")).not.toMatch(fetching);
	});

	it("gives one line and an exit code for input it cannot use", async () => {
		write("text.txt", "some text");
		const cases: [args: string[], code: number, message: RegExp][] = [
			[["inspect"], 2, /missing required argument 'ATTENTION'/],
			[["inspect", "magic"], 2, /no attention "magic"; there are full, window, /],
			[["inspect", "window:8", "--length", "0"], 2, /--length: "0" is not valid; expected an integer from 1 to 4096/],
			[["inspect", "window:8", "--out", "window.png"], 2, /--out: "window.png" is neither a picture nor a page/],
			[["inspect", "window:8", "--out", "no/such/window.svg"], 1, /cannot write "no\/such\/window.svg"/],
			[["inspect", "window:8", "--frobnicate"], 2, /unknown option '--frobnicate'/],
			[["inspect", "window:8", "window:9"], 2, /too many arguments/],
			[["inspect", "spectrum"], 2, /required option '--model <folder>' not specified/],
			[
				["inspect", "spectrum", "--model", "m", "--data", "text.txt"],
				1,
				/cannot read "m\/config.json": there is no such/,
			],
			[["inspect", "spectrum", "--model", "m", "--data", "d", "--windows", "0"], 2, /--windows: "0"/],
			[["compare", "--save-models", "m", "--train", "0"], 2, /--save-models: nothing is trained/],
			[["compare", "text.txt", "--save-models", "text.txt"], 1, /cannot write into "text.txt": there is a file/],
		];
		const outcomes = await Promise.all(cases.map(([args]) => longspan(...args)));
		cases.forEach(([args, code, message], index) => {
			const outcome = outcomes[index] as Outcome;
			const told = args.join(" ");
			expect(outcome.stderr, told).toMatch(message);
			expect(outcome.stderr, told).toMatch(/^longspan: .*\n$/);
			expect(outcome.code, told).toBe(code);
			expect(outcome.stdout, told).toBe("");
		});
		expect(readdirSync(folder())).toEqual(["text.txt"]);
	});

	it("explains itself", async () => {
		const [help, spectrum] = await Promise.all([
			longspan("inspect", "--help"),
			longspan("inspect", "spectrum", "--help"),
		]);
		for (const word of ["--length", "--layers", "--out", "window", "spectrum"]) expect(help.stdout).toContain(word);
		for (const word of ["--model", "--data", "--windows"]) expect(spectrum.stdout).toContain(word);
		expect([help.code, spectrum.code]).toEqual([0, 0]);
	});
});

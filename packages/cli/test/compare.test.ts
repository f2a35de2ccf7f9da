import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CompareResult } from "../src/compare/result.js";
import { command, fetching, inEmptyFolder, missing, type Outcome } from "./command.js";

const { longspan, write, folder } = inEmptyFolder();

const small = ["--heads", "2", "--head-dim", "8", "--threads", "1", "--repeat", "2"];
const training = ["--train", "2", "--train-length", "32", "--train-batch", "1"];

describe.skipIf(missing !== "")(`longspan compare${missing}`, () => {
	it("measures, trains, reports and prints one JSON document", async () => {
		const text = write("text.txt", "Which attention fits? ".repeat(100));
		const args = ["--attentions", "full,window:16,linear", "--lengths", "64,128,256", "--backward", "--json"];
		const { code, stdout, stderr } = await longspan("compare", text, ...small, ...training, ...args);
		expect(stderr).not.toMatch(/error|skipped/i);
		expect(code).toBe(0);
		const result = JSON.parse(stdout) as CompareResult;
		expect(Object.keys(result)).toEqual(
			expect.arrayContaining(["machine", "settings", "rows", "fits", "training", "skipped", "answer"]),
		);
		expect(result.rows.map(({ attention, n }) => [n, attention])).toEqual(
			[64, 128, 256].flatMap((n) => ["full", "window:16", "linear"].map((attention) => [n, attention])),
		);
		for (const row of result.rows) {
			for (const field of ["forwardMs", "forwardBackwardMs", "peakBytes", "flops", "tiles", "maxErrorVsExact"] as const)
				expect(row[field], `${row.attention} ${field}`).toEqual(expect.any(Number));
			expect(row.forwardMs).toBeGreaterThan(0);
			expect(row.tiles > 0).toBe(row.attention !== "linear");
			expect(row.maxErrorVsExact === 0).toBe(row.attention === "full");
		}
		for (const { attention, timeExponent, memoryExponent } of result.fits) {
			expect(timeExponent, attention).toEqual(expect.any(Number));
			expect(memoryExponent, attention).toBeGreaterThan(0);
			expect(memoryExponent, attention).toBeLessThan(1.2);
		}
		expect(result.training.map(({ attention, steps }) => [attention, steps])).toEqual([
			["full", 2],
			["window:16", 2],
			["linear", 2],
		]);
		for (const run of result.training) {
			expect(run.seconds).toBeGreaterThan(0);
			expect(run.bitsPerByte).toBeLessThan((run.curve[0]?.bitsPerByte as number) - 0.1);
		}
		expect(result.settings.training?.data).toMatchObject({
			files: 1,
			bytes: 2200,
			trainBytes: 1980,
			heldOutBytes: 220,
		});

		const page = readFileSync(join(folder(), "longspan-report.html"), "utf8");
		expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
		expect(page).not.toMatch(fetching);
		expect(page).toContain(result.answer.slice(0, 40));
		expect(page.match(/<svg class="pattern"/g)).toHaveLength(3);
		expect(
			page.match(/aria-label="(?:Forward time|Forward and backward time|Peak memory|Bits per byte) against/g),
		).toHaveLength(4);
		expect(page).toMatch(/full ∝ n\^\d/);
		expect(page).not.toMatch(/NaN|undefined/);
		expect(readdirSync(folder()).sort()).toEqual(["longspan-report.html", "text.txt"]);
	});

	it("prints a table and a closing sentence", async () => {
		const args = ["--lengths", "64", "--train", "0", "--no-causal", "--report", "own.html"];
		const { code, stdout } = await longspan("compare", ...small, ...args);
		expect(code).toBe(0);
		expect(stdout).toMatch(/length\s+attention\s+forward\s+vs full\s+memory\s+work\s+tiles\s+max error/);
		expect(stdout).toMatch(/\n\s+64 {2}window\s+[\d.]+ [µm]?s/);
		expect(stdout).toMatch(/By speed alone \S+ fits best: at 64 tokens .*\.\n$/);
		expect(readdirSync(folder())).toEqual(["own.html"]);
	});

	it("says what lengths beyond memory would need, skips them and goes on", async () => {
		const args = ["--lengths", "64,1000000000", "--train", "0", "--no-report"];
		const { code, stdout, stderr } = await longspan("compare", ...small, ...args);
		expect(code).toBe(0);
		expect(stdout).toMatch(/1,000,000,000 {2}linear\s+skipped: needs [\d,]+ GiB of memory/);
		expect(stderr).toMatch(/skipped full at n = 1,000,000,000: needs [\d,]+ GiB of memory/);
		expect(readdirSync(folder())).toEqual([]);
	});

	it("trains on any bytes, the same for the same seed", async () => {
		const binary = write(
			"noise.bin",
			Uint8Array.from({ length: 800 }, (_, index) => (index * index) % 251),
		);
		const args = ["--attentions", "linear", "--lengths", "32", "--json", "--no-report", ...small, ...training];
		const runs = await Promise.all([0, 0, 1].map((seed) => longspan("compare", binary, ...args, "--seed", `${seed}`)));
		for (const { code, stderr } of runs) expect(code, stderr).toBe(0);
		const quality = runs.map(({ stdout }) => (JSON.parse(stdout) as CompareResult).training[0]?.bitsPerByte);
		expect(quality[0]).toBeGreaterThan(1);
		expect(quality[1]).toBe(quality[0]);
		expect(quality[2]).not.toBe(quality[0]);
	});

	it("gives one line and an exit code for input it cannot use", async () => {
		write("empty.txt", "");
		write("short.txt", "too short");
		const cases: [args: string[], code: number, message: RegExp][] = [
			[["compare", "missing.txt"], 1, /cannot read "missing\.txt": there is no such file or folder/],
			[["compare", "empty.txt"], 1, /"empty\.txt" is empty/],
			[["compare", "short.txt", ...training], 1, /hold 9 bytes to train on .* at length 32 needs at least 33 and 33/],
			[["compare", "--report", "no/such/folder.html"], 1, /cannot write "no\/such\/folder\.html"/],
			[["compare", "--attentions", "full,magic"], 2, /no attention "magic"; there are full, window, /],
			[["compare", "--lengths", "1024,many"], 2, /--lengths: "many"/],
			[["compare", "--heads", "0"], 2, /--heads: "0" is not valid; expected an integer of at least 1/],
			[["compare", "--threads", "1.5"], 2, /--threads: "1\.5"/],
			[["compare", "--train", "-1"], 2, /--train: "-1"/],
			[["compare", "--frobnicate"], 2, /unknown option '--frobnicate'/],
			[["contrast"], 2, /unknown command 'contrast'/],
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
		expect(readdirSync(folder()).sort()).toEqual(["empty.txt", "short.txt"]);
	});

	it("explains itself", async () => {
		const [help, version] = await Promise.all([longspan("compare", "--help"), longspan("--version")]);
		expect(help.code).toBe(0);
		for (const word of ["--attentions", "--lengths", "--train", "--report", "window", "linear"])
			expect(help.stdout).toContain(word);
		expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
	});

	it("leaves nothing behind when interrupted", async () => {
		const text = write("text.txt", "Which attention fits? ".repeat(100));
		const args = ["compare", text, ...small, "--lengths", "32", ...training, "--train", "1000000"];
		const child = spawn(process.execPath, [command, ...args], { cwd: folder() });
		child.stderr.on("data", (data: Buffer) => {
			if (data.toString().includes("training")) child.kill("SIGINT");
		});
		const signal = await new Promise((resolve) => child.once("exit", (_code, name) => resolve(name)));
		expect(signal).toBe("SIGINT");
		expect(readdirSync(folder())).toEqual(["text.txt"]);
	});
});

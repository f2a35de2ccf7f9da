import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { init } from "longspan";
import { beforeEach, describe, expect, it } from "vitest";
import type { EvaluationResult } from "../src/evaluate/result.js";
import type { GenerationResult } from "../src/generate/result.js";
import { buildModel } from "../src/models/build-model.js";
import { modelConfig } from "../src/models/config.js";
import { saveModel } from "../src/models/save-model.js";
import { command, inEmptyFolder, missing, type Outcome } from "./command.js";

const { longspan, write, folder } = inEmptyFolder();

/** Saves an untrained model there. */
async function save(name: string, changes: Parameters<typeof modelConfig>[0]): Promise<void> {
	const device = await init({ device: "wasm", threads: 1 });
	try {
		const config = modelConfig(changes);
		await saveModel(join(folder(), name), config, buildModel(config, { seed: 2 }).parameters);
	} finally {
		device.dispose();
	}
}

const sizes = { attention: "linear,window:4+full", maxLength: 32, dim: 16, layers: 2, heads: 2 };

describe.skipIf(missing !== "")(`longspan generate and evaluate${missing}`, () => {
	beforeEach(() => save("model", sizes));

	it("writes what follows the prompt to stdout, at once or as it comes", async () => {
		const file = write("prompt.txt", "to be or");
		const args = ["generate", "model", "--tokens", "12", "--temperature", "0.5", "--top-k", "40", "--threads", "1"];
		const [whole, streamed, other, json] = (await Promise.all([
			longspan(...args, "--prompt", "to be or"),
			longspan(...args, "--prompt-file", file, "--stream"),
			longspan(...args, "--prompt", "to be or", "--seed", "1"),
			longspan(...args, "--prompt", "to be or", "--top-p", "0.9", "--json"),
		])) as [Outcome, Outcome, Outcome, Outcome];
		for (const { code, stderr } of [whole, streamed, other, json]) expect(code, stderr).toBe(0);
		expect(whole.stdout.length).toBeGreaterThan(0);
		expect(streamed.stdout).toBe(whole.stdout);
		expect(other.stdout).not.toBe(whole.stdout);
		expect(whole.stderr).toMatch(/^12 tokens in .*: [\d,]+ tokens\/s; prompt of 8 in .*; state of .*B\n$/);
		expect(json.stderr).toBe("");
		const result = JSON.parse(json.stdout) as GenerationResult;
		expect(result).toMatchObject({
			...{ model: "model", prompt: "to be or", tokens: 12, promptTokens: 8, interrupted: false },
			...{ temperature: 0.5, topK: 40, topP: 0.9, seed: 0, config: { attention: sizes.attention, layers: 2 } },
		});
		expect(result.ids).toHaveLength(12);
		expect(result.text.length).toBeGreaterThan(0);
	});

	it("is ended by Ctrl-C with what there is", async () => {
		await save("endless", { ...sizes, positions: "rotary" });
		const args = ["generate", "endless", "--prompt", "to be", "--tokens", "100000000", "--stream"];
		const child = spawn(process.execPath, [command, ...args, "--threads", "1"], { cwd: folder() });
		let [stdout, stderr] = ["", ""];
		child.stderr.on("data", (chunk) => (stderr += chunk));
		child.stdout.on("data", (chunk) => {
			if (stdout === "") child.kill("SIGINT");
			stdout += chunk;
		});
		const [code] = (await once(child, "close")) as [number];
		expect(code, stderr).toBe(130);
		expect(stdout.length).toBeGreaterThan(0);
		expect(stderr).toMatch(/^[\d,]+ tokens in .*; state of .*B\n$/);
	});

	it("tells how well a model predicts files", async () => {
		for (const name of ["a.txt", "b.txt"]) write(name, "to be or not to be ".repeat(20));
		const args = ["evaluate", "model", "*.txt", "--threads", "1"];
		const [text, json] = (await Promise.all([
			longspan(...args),
			longspan(...args, "--length", "16", "--windows", "5", "--json"),
		])) as [Outcome, Outcome];
		for (const { code, stderr } of [text, json]) expect(code, stderr).toBe(0);
		expect(text.stdout).toMatch(/windows\s+23 of 32 tokens\n/);
		expect(text.stdout).toMatch(/bits per byte\s+[\d.]+\n/);
		expect(text.stderr).toMatch(/^(?:evaluate: [\d.]+ bits per byte\n)+$/);
		const result = JSON.parse(json.stdout) as EvaluationResult;
		expect(result).toMatchObject({ length: 16, windows: 5, tokens: 80, bytes: 80, heldOut: false, data: ["*.txt"] });
		expect(result.bitsPerByte).toBeCloseTo(result.crossEntropy / Math.LN2, 10);
	});

	it("gives one line and an exit code for input it cannot use", async () => {
		write("text.txt", "some text");
		write("empty.txt", "");
		await save("broken", { ...sizes, positions: "rotary" });
		writeFileSync(join(folder(), "broken", "config.json"), '{"format": "longspan-language-model", "version": 1}');
		const cases: [args: string[], code: number, message: RegExp][] = [
			[["generate"], 2, /missing required argument 'DIR'/],
			[["generate", "model"], 2, /there is no prompt; expected --prompt or --prompt-file/],
			[["generate", "model", "--prompt", ""], 2, /--prompt: the text is empty/],
			[["generate", "model", "--prompt-file", "empty.txt"], 1, /the prompt is empty: "empty.txt" has no content/],
			[["generate", "model", "--prompt-file", "none.txt"], 1, /cannot read "none.txt": there is no such file/],
			[["generate", "model", "--prompt", "x", "--tokens", "many"], 2, /--tokens: "many" is not valid/],
			[["generate", "model", "--prompt", "x".repeat(33)], 1, /the prompt has 33 tokens; .* end at 32: shorten it/],
			[["generate", "model", "--prompt", "x", "--tokens", "33"], 1, /at most 32 can follow, --tokens asks for 33/],
			[["generate", "none", "--prompt", "x"], 1, /cannot read "none\/config.json": there is no such file/],
			[["generate", "broken", "--prompt", "x"], 1, /version is 1; expected 2: .*train it again/],
			[["evaluate"], 2, /missing required argument 'DIR'/],
			[["evaluate", "model", "none.txt"], 1, /cannot read "none.txt"/],
			[
				["evaluate", "model", "text.txt", "--length", "30"],
				1,
				/hold 9 bytes to predict; a window of length 30 needs 31/,
			],
			[["evaluate", "model", "text.txt", "--length", "33"], 2, /--length: "33" is too long; .* end at 32/],
			[["evaluate", "model", "text.txt", "--windows", "0"], 2, /--windows: "0" is not valid/],
		];
		for (let first = 0; first < cases.length; first += 5) {
			const some = cases.slice(first, first + 5);
			const outcomes = await Promise.all(some.map(([args]) => longspan(...args)));
			some.forEach(([args, code, message], index) => {
				const outcome = outcomes[index] as Outcome;
				const told = args.join(" ");
				expect(outcome.stderr, told).toMatch(message);
				expect(outcome.stderr, told).toMatch(/^longspan: .*\n$/);
				expect([outcome.code, outcome.stdout], told).toEqual([code, ""]);
			});
		}
		rmSync(join(folder(), "broken"), { recursive: true });
		expect(readdirSync(folder()).sort()).toEqual(["empty.txt", "model", "text.txt"]);
	});

	it("explains itself", async () => {
		const [generate, evaluate] = await Promise.all([longspan("generate", "--help"), longspan("evaluate", "--help")]);
		for (const word of ["--prompt-file", "--temperature", "--top-k", "--top-p", "--stream", "stderr"])
			expect(generate.stdout).toContain(word);
		for (const word of ["--length", "--windows", "--held-out"]) expect(evaluate.stdout).toContain(word);
		expect([generate.code, evaluate.code]).toEqual([0, 0]);
	});
});

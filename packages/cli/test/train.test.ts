import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TrainResult } from "../src/train/result.js";
import { command, fetching, inEmptyFolder, missing, type Outcome } from "./command.js";

const { longspan, write, folder } = inEmptyFolder();

const text = "Which attention has a long span? ".repeat(80);
const model = [
	"--attention",
	"linear",
	"--length",
	"16",
	"--batch",
	"2",
	"--layers",
	"1",
	"--dim",
	"8",
	"--heads",
	"2",
];
const tiny = [...model, "--threads", "1"];

/** Starts the command and does something when stderr says a text. */
async function running(args: string[], sign: string, then: (child: ChildProcess) => void) {
	const child = spawn(process.execPath, [command, ...args], { cwd: folder() });
	let [stdout, stderr, done] = ["", "", false];
	child.stdout.on("data", (data: Buffer) => {
		stdout += data;
	});
	child.stderr.on("data", (data: Buffer) => {
		stderr += data;
		if (done || !stderr.includes(sign)) return;
		done = true;
		then(child);
	});
	const code = await new Promise((resolve) => child.once("close", (own, signal) => resolve(own ?? signal)));
	return { code, stdout, stderr };
}

describe.skipIf(missing !== "")(`longspan train${missing}`, () => {
	it("trains on a pattern's files, reports, and prints one JSON document; the model generates", async () => {
		mkdirSync(join(folder(), "docs", "sub"), { recursive: true });
		write("docs/a.md", text);
		write("docs/sub/b.md", text);
		write("docs/c.txt", "not of the pattern");
		const args = ["--data", "docs/**/*.md", "--out", "runs/a", "--steps", "4", "--ema", "0.9", "--json"];
		const { code, stdout, stderr } = await longspan("train", ...tiny, ...args);
		expect(code, stderr).toBe(0);
		const result = JSON.parse(stdout) as TrainResult;
		expect(result).toMatchObject({ step: 4, interrupted: false, data: { files: 2 }, config: { attention: "linear" } });
		expect(result.best?.bitsPerByte).toBeGreaterThan(1);
		expect(stderr).toMatch(/training: step 0 of 4 · untrained · held out [\d.]+\n/);
		expect(stderr).toMatch(
			/step 4 of 4 · loss [\d.]+ · [\d.]+ bits\/byte · held out [\d.]+ · [\d,]+ tokens\/s · [\d.]+ \w+\n/,
		);
		expect(readdirSync(join(folder(), "runs", "a")).sort()).toEqual(["checkpoints", "metrics.jsonl", "report.html"]);
		const page = readFileSync(join(folder(), "runs", "a", "report.html"), "utf8");
		expect(page).not.toMatch(fetching);
		expect(page).not.toMatch(/NaN|undefined/);
		expect(page.match(/aria-label="[^"]* against steps/g)).toHaveLength(4);
		const generated = await longspan("generate", "runs/a", "--prompt", "Which", "--tokens", "3");
		expect(generated.code, generated.stderr).toBe(0);
	});

	it("saves when it is interrupted, says how to go on, and goes on", async () => {
		write("text", text);
		const args = ["train", ...tiny, "--data", "text", "--out", "run", "--steps", "400", "--evaluate-every", "20"];
		for (const [signal, sign, start] of [
			["SIGINT", "step 20 of 400", args],
			["SIGTERM", "training: step", ["train", "--resume", "run"]],
		] as const) {
			const { code, stdout, stderr } = await running([...start], sign, (child) => child.kill(signal));
			expect(code, stderr).toBe(130);
			expect(stdout).toMatch(/go on: +longspan train --resume run\n$/);
			expect(existsSync(join(folder(), "run", "report.html"))).toBe(true);
		}
		const last = await longspan("train", "--resume", "run", "--threads", "1");
		expect(last.code, last.stderr).toBe(0);
		expect(last.stdout).toMatch(/400 of 400\n[\s\S]*longspan generate run --prompt/);
	});

	it("goes on when nobody reads what it tells", async () => {
		write("text", text);
		const args = ["train", ...tiny, "--data", "text", "--out", "run", "--steps", "30", "--evaluate-every", "5"];
		const { code, stdout } = await running(args, "step 5 of", (child) => child.stderr?.destroy());
		expect(code).toBe(0);
		expect(stdout).toMatch(/30 of 30/);
	});

	it("ends at once when it is interrupted twice", async () => {
		write("text", text);
		const long = ["train", ...tiny, "--data", "text", "--out", "run", "--steps", "100000", "--evaluate-every", "20"];
		const { code, stdout } = await running(long, "step 20 of", (child) => {
			child.kill("SIGINT");
			child.kill("SIGTERM");
		});
		expect([code, stdout]).toEqual([130, ""]);
		expect(readdirSync(join(folder(), "run", "checkpoints"))).toContain("step-00000020");
	});

	it("stops when the loss is no number", async () => {
		write("text", text);
		const wild = ["--learning-rate", "1e30", "--warm-up", "0", "--clip", "0", "--schedule", "constant"];
		const { code, stdout, stderr } = await longspan("train", ...tiny, ...wild, "--data", "text", "--out", "run");
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/longspan: step \d+ was not taken: .* is NaN; no checkpoint had been saved; try .*\n$/);
	});

	it("gives one line and an exit code for input it cannot use, and writes nothing", async () => {
		write("text", text);
		write("short", "too short");
		const cases: [args: string[], code: number, message: RegExp][] = [
			[[], 2, /--out: no folder is given/],
			[["--out", "run"], 2, /--attention: none is given/],
			[["--out", "run", "--attention", "magic"], 2, /--attention: there is no attention "magic"/],
			[["--out", "run", "--attention", "bigbird"], 2, /--attention: "bigbird": bigBird: .*causal/],
			[
				["--out", "run", ...model, "--data", "text", "--attention", "sparse-strided:12", "--length", "8,16"],
				2,
				/--attention: "sparse-strided:12" at length 8: sparseTransformer: stride is 12/,
			],
			[["--out", "run", ...model, "--data", "*.md"], 1, /"\*\.md" matches no file/],
			[
				["--out", "run", ...model, "--data", "short"],
				1,
				/hold 9 bytes to train on and 0 held out .* at length 16 needs at least 17 and 17/,
			],
			[["--out", "run", ...model, "--data", "text", "--tokenizer", "text"], 1, /"text" is no tokenizer/],
			[["--out", "text", ...model, "--data", "text"], 1, /cannot write into "text/],
			[["--resume", "none"], 1, /cannot read "none": there is no such file/],
			[["--resume", "."], 1, /holds no checkpoint/],
			[["--resume", "run", "--out", "other"], 2, /--out: a run that goes on stays in its folder/],
			[["--out", ""], 2, /--out: the path is empty/],
		];
		const outcomes = await Promise.all(cases.map(([args]) => longspan("train", ...args)));
		cases.forEach(([args, code, message], index) => {
			const outcome = outcomes[index] as Outcome;
			expect(outcome.stderr, args.join(" ")).toMatch(message);
			expect(outcome.stderr, args.join(" ")).toMatch(/^longspan: .*\n$/);
			expect([outcome.code, outcome.stdout], args.join(" ")).toEqual([code, ""]);
		});
		expect(readdirSync(folder()).sort()).toEqual(["short", "text"]);
	});
});

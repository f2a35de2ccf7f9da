import { createHash } from "node:crypto";
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InputError, UsageError } from "../errors.js";
import { findCheckpoint, listCheckpoints } from "../runs/index.js";
import type { GivenOptions } from "./options.js";
import type { TrainResult } from "./result.js";
import { resumeRun } from "./resume.js";
import { startRun } from "./run.js";

const circumstances = { threads: 1, turbo: false, device: "wasm", json: true } as const;

let folder: string;
let printed: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-train-"));
	printed = "";
	vi.spyOn(process.stderr, "write").mockReturnValue(true);
	vi.spyOn(process.stdout, "write").mockImplementation((text) => {
		printed += text;
		return true;
	});
	writeFileSync(join(folder, "text"), "To be, or not to be, that is the question. ".repeat(60));
});
afterEach(() => {
	vi.restoreAllMocks();
	process.exitCode = undefined;
	rmSync(folder, { recursive: true, force: true });
});

const place = (name: string) => join(folder, name);
const tiny = (changes: GivenOptions = {}): GivenOptions => ({
	...{ attention: "linear", data: [place("text")], length: "16", batch: "2", layers: "1", dim: "8", heads: "2" },
	...{ steps: "9", evaluateEvery: "3", saveEvery: "3" },
	...changes,
});
const result = () => JSON.parse(printed.slice(printed.lastIndexOf("\n{") + 1)) as TrainResult;
const linesOf = (run: string) =>
	readFileSync(join(place(run), "metrics.jsonl"), "utf8")
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Record<string, number>);

/** Digests of the tensors of the last checkpoint by file. */
function digests(run: string): Record<string, string> {
	const path = findCheckpoint(place(run), "last");
	const files = readdirSync(path).filter((name) => name.endsWith(".safetensors"));
	return Object.fromEntries(
		files.map((name) => [
			name,
			createHash("sha256")
				.update(readFileSync(join(path, name)))
				.digest("hex"),
		]),
	);
}

/** Does something when a run that is started has noted a step. */
function afterStep(step: number, run: string, then: () => void): (start: () => Promise<void>) => Promise<void> {
	const metrics = join(place(run), "metrics.jsonl");
	let waiting = true;
	const look = () => {
		if (!waiting) return;
		if (existsSync(metrics) && readFileSync(metrics, "utf8").includes(`{"step":${step},"loss"`)) then();
		else setImmediate(look);
	};
	return async (start) => {
		look();
		await start().finally(() => {
			waiting = false;
		});
	};
}

/** Presses Ctrl-C after a step. */
function interruptedAfter(step: number, run: string, start: () => Promise<void>): Promise<void> {
	return afterStep(step, run, () => process.emit("SIGINT"))(start);
}

describe("a run", () => {
	it("notes every step and evaluation, keeps the last and the best, and reports", async () => {
		await startRun(place("run"), tiny(), circumstances);
		const lines = linesOf("run");
		expect(lines.filter((line) => "loss" in line).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
		expect(lines.filter((line) => "bitsPerByte" in line).map(({ step }) => step)).toEqual([0, 3, 6, 9]);
		expect(lines[1]).toEqual({
			...{ step: 1, tokens: 32, length: 16, learningRate: 1e-3 },
			...{ loss: expect.any(Number), gradientNorm: expect.any(Number), seconds: expect.any(Number) },
		});
		const { best, last, checkpoints, ...rest } = result();
		expect(rest).toMatchObject({ step: 9, steps: 9, interrupted: false, tokens: 9 * 32, folder: place("run") });
		expect(checkpoints.map(({ step }) => step)).toEqual([6, 9]);
		expect(best).toEqual(last);
		expect(last?.bitsPerByte).toBe(checkpoints[1]?.loss);
		expect(readFileSync(join(place("run"), "report.html"), "utf8")).toMatch(
			/9 of 9 steps[\s\S]*aria-label="Training loss/,
		);
		expect(process.exitCode).toBeUndefined();
	});

	it.each<[string, GivenOptions]>([
		["plain", {}],
		[
			"with dropout, accumulation, a moving average and mixed lengths",
			{ dropout: "0.2", accumulate: "2", ema: "0.9", length: "8,16,24" },
		],
		[
			"with adafactor, universal and checkpointed",
			{ optimizer: "adafactor", universal: true, halting: "accumulated", activations: "checkpointed" },
		],
		["reversible", { activations: "reversible", dropout: "0.1", layers: "2" }],
	])("that is interrupted between checkpoints ends bit for bit like one that is not: %s", async (_, changes) => {
		await startRun(place("whole"), tiny(changes), circumstances);
		await interruptedAfter(4, "parts", () => startRun(place("parts"), tiny(changes), circumstances));
		expect(process.exitCode).toBe(130);
		expect(result()).toMatchObject({ step: 4, interrupted: true });
		process.exitCode = undefined;
		await resumeRun(place("parts"), {}, circumstances);
		expect(process.exitCode).toBeUndefined();
		expect(result()).toMatchObject({ step: 9, interrupted: false });
		expect(Object.keys(digests("whole")).length).toBe(changes.ema ? 3 : 2);
		expect(digests("parts")).toEqual(digests("whole"));
		const withoutTimes = (run: string) => linesOf(run).map(({ seconds: _s, peakBytes: _p, ...line }) => line);
		expect(withoutTimes("parts")).toEqual(withoutTimes("whole"));
	});

	it("evaluates after it goes on what it was stopped before", async () => {
		await interruptedAfter(3, "run", () => startRun(place("run"), tiny(), circumstances));
		expect(result().last?.step).toBe(0);
		expect(listCheckpoints(place("run"))).toMatchObject([{ step: 3, loss: null }]);
		await resumeRun(place("run"), {}, circumstances);
		expect(linesOf("run").flatMap((line) => ("bitsPerByte" in line ? [line.step] : []))).toEqual([0, 3, 6, 9]);
	});

	it("goes further with more steps, and takes no option that contradicts it", async () => {
		await startRun(place("run"), tiny(), circumstances);
		const before = digests("run");
		const refused: [GivenOptions, RegExp][] = [
			[{}, /has done 9 steps; give a larger number by --steps/],
			[{ steps: "12", dim: "16" }, /--dim: "16" contradicts the run in ".*", which has "8"; leave it out/],
			[{ steps: "12", ema: "0.9" }, /--ema: "0.9" contradicts the run in ".*", which has none/],
			[{ steps: "12", seed: "x" }, /--seed: "x"/],
		];
		for (const [given, message] of refused) {
			await expect(resumeRun(place("run"), given, circumstances)).rejects.toThrow(message);
			await expect(resumeRun(place("run"), given, circumstances)).rejects.toBeInstanceOf(UsageError);
		}
		expect(digests("run")).toEqual(before);
		await resumeRun(place("run"), { steps: "12", keep: "1", saveEvery: "50", length: "16" }, circumstances);
		expect(result()).toMatchObject({ step: 12, options: { steps: "12", keep: "1", saveEvery: "50", dim: "8" } });
		await expect(startRun(place("run"), tiny(), circumstances)).rejects.toThrow(/holds a run already.*--resume/);
	});

	it("stops before a step that would ruin it, and leaves what there is", async () => {
		const wild = tiny({
			learningRate: "1e30",
			warmUp: "0",
			schedule: "constant",
			clip: "0",
			evaluateEvery: "1",
			saveEvery: "1",
		});
		const attempt = startRun(place("run"), wild, circumstances);
		await expect(attempt).rejects.toBeInstanceOf(InputError);
		await expect(attempt).rejects.toThrow(
			/^step \d+ was not taken: the .* is NaN; .*try a new run with --learning-rate below 1e\+30/,
		);
		expect(existsSync(join(place("run"), "report.html"))).toBe(true);
	});

	it("is saved when its data cannot be read any more, and goes on when they can", async () => {
		const large = place("large");
		writeFileSync(large, "To be, or not to be. ".repeat(1000));
		// Too large to be in memory.
		truncateSync(large, 2 ** 27);
		const changes = tiny({ data: [large], steps: "40", evaluateEvery: "40", saveEvery: "40" });
		await startRun(place("whole"), changes, circumstances);
		const gone = afterStep(5, "run", () => renameSync(large, place("away")));
		await expect(gone(() => startRun(place("run"), changes, circumstances))).rejects.toThrow(
			/^cannot read ".*large": .* no such file .*; step \d+ is saved: go on from it by --resume when that is put right$/,
		);
		await expect(resumeRun(place("run"), {}, circumstances)).rejects.toThrow(/^cannot read ".*large"/);
		renameSync(place("away"), large);
		await resumeRun(place("run"), {}, circumstances);
		expect(digests("run")).toEqual(digests("whole"));
	});

	it("refuses a checkpoint that is damaged or of another model, and changes nothing", async () => {
		await startRun(place("run"), tiny(), circumstances);
		const path = findCheckpoint(place("run"), "last");
		const metrics = linesOf("run");
		const resume = () => resumeRun(place("run"), { steps: "12" }, circumstances);
		const damaged: [string, (text: string) => string, RegExp][] = [
			["config.json", (text) => text.replace('"heads": 2', '"heads": 1'), /config.json" is damaged/],
			[
				"training.json",
				(text) => text.replace('"activation": "gelu"', '"activation": "relu"'),
				/config.json" is of another model than the run: feedForward is .*gelu.*ask for .*relu/,
			],
			["training.json", (text) => text.replace('"heads": "2"', '"heads": 2'), /options.heads is 2; expected a text/],
			[
				"model.safetensors",
				(text) => text.slice(0, 900),
				/model.safetensors" is damaged.*; remove the folder ".*step-00000009" to go on from step 6, the one before$/,
			],
			["optimizer.safetensors", (text) => text.slice(0, -1), /optimizer.safetensors" is damaged/],
		];
		for (const [name, change, message] of damaged) {
			const file = join(path, name);
			const content = readFileSync(file);
			writeFileSync(file, change(content.toString("latin1")), "latin1");
			await expect(resume(), name).rejects.toThrow(message);
			writeFileSync(file, content);
		}
		expect(linesOf("run")).toEqual(metrics);
		expect(listCheckpoints(place("run")).map(({ step }) => step)).toEqual([6, 9]);
	});
});

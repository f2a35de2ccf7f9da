import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	AutoModelForMaskedLM,
	AutoModelForSequenceClassification,
	AutoTokenizer,
	init,
	intTensor,
	openCheckpoint,
	scope,
} from "longspan";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { UsageError } from "../errors.js";
import { parseLengthenOptions } from "../lengthen/options.js";
import { runLengthen } from "../lengthen/run.js";
import { findCheckpoint } from "../runs/index.js";
import { writeRoberta } from "../testing/roberta-checkpoint.js";
import { resumeRun } from "../train/resume.js";
import { startRun } from "../train/run.js";
import type { GivenFineTuneOptions } from "./options.js";
import { startFineTuning } from "./run.js";
import type { FineTuneResult } from "./session.js";

const circumstances = { threads: 1, turbo: false, device: "wasm", json: true } as const;
const sentences = ["the cat sat on a mat .", "the dog ran to the cat .", "a very good dog and a bad cat ."];

let base: string;
let folder: string;
let printed: string;
let told: string;
beforeAll(async () => {
	base = mkdtempSync(join(tmpdir(), "longspan-roberta-"));
	const device = await init({ device: "wasm", threads: 1 });
	await writeRoberta(join(base, "short"));
	device.dispose();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-fine-tune-"));
	[printed, told] = ["", ""];
	vi.spyOn(process.stderr, "write").mockImplementation((text) => {
		told += text;
		return true;
	});
	vi.spyOn(process.stdout, "write").mockImplementation((text) => {
		printed += text;
		return true;
	});
	writeFileSync(place("text.txt"), `${sentences.join(" ")} `.repeat(40));
});
afterEach(() => {
	vi.restoreAllMocks();
	process.exitCode = undefined;
	rmSync(folder, { recursive: true, force: true });
});

const place = (name: string) => join(folder, name);
const short = () => join(base, "short");
const result = () => JSON.parse(printed.slice(printed.lastIndexOf("\n{") + 1)) as FineTuneResult;

function lengthen(out: string, more: Record<string, string> = {}): Promise<void> {
	const defaults = { to: "longformer", dtype: "float32", offline: true, json: true };
	return runLengthen(parseLengthenOptions({ ...defaults, model: short(), length: "64", window: "8", out, ...more }));
}

const tiny = (more: GivenFineTuneOptions = {}) => ({
	...{ init: short(), data: [place("text.txt")], length: "16", batch: "4", steps: "6", learningRate: "3e-3" },
	...{ evaluateEvery: "3", saveEvery: "3" },
	...more,
});

const linesOf = (run: string) =>
	readFileSync(join(place(run), "metrics.jsonl"), "utf8")
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Record<string, number>);

const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Digests of the tensors of the last checkpoint by file. */
function digests(run: string): Record<string, string> {
	const path = findCheckpoint(place(run), "last");
	const files = readdirSync(path).filter((name) => name.endsWith(".safetensors"));
	return Object.fromEntries(files.map((name) => [name, digest(join(path, name))]));
}

/** Presses Ctrl-C when a run that is started has noted a step. */
async function interruptedAfter(step: number, run: string, start: () => Promise<void>): Promise<void> {
	const metrics = join(place(run), "metrics.jsonl");
	let waiting = true;
	const look = () => {
		if (!waiting) return;
		if (existsSync(metrics) && readFileSync(metrics, "utf8").includes(`{"step":${step},"loss"`)) process.emit("SIGINT");
		else setImmediate(look);
	};
	look();
	await start().finally(() => {
		waiting = false;
	});
}

it("lengthens a RoBERTa, trains it on long texts, and leaves a model that loads", async () => {
	await lengthen(place("long"));
	expect(JSON.parse(printed)).toMatchObject({
		from: "RobertaForMaskedLM",
		className: "LongformerForMaskedLM",
		length: 64,
	});
	const tokenizer = await AutoTokenizer.fromPretrained(place("long"));
	expect(tokenizer.maxLength).toBe(64);
	const { length: _, ...more } = tiny({
		init: place("long"),
		batch: "2",
		steps: "60",
		learningRate: "1e-2",
		activations: "checkpointed",
	});
	await startFineTuning(place("run"), { ...more, evaluateEvery: "60", saveEvery: "60" }, circumstances);
	expect(result()).toMatchObject({ className: "LongformerForMaskedLM", step: 60, options: { length: "64" } });
	expect(result().data.files).toBe(1);
	const losses = linesOf("run").flatMap((line) => ("loss" in line ? [line.loss as number] : []));
	expect(linesOf("run").find((line) => "loss" in line)).toMatchObject({ length: 64, tokens: 128 });
	const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
	expect(mean(losses.slice(-5))).toBeLessThan(0.9 * mean(losses.slice(0, 5)));
	const [before, after] = linesOf("run").flatMap((line) => ("heldOutLoss" in line ? [line.heldOutLoss as number] : []));
	expect(after).toBeLessThan(0.9 * (before as number));
	// The trained weights, by another way: those of the checkpoint, read as they are.
	const device = await init({ device: "wasm", threads: 1 });
	const trained = await openCheckpoint(findCheckpoint(place("run"), "last"));
	const model = await AutoModelForMaskedLM.fromPretrained(result().model, { device, trainable: true });
	expect(model.unused).toEqual([]);
	expect(model.maxLength).toBe(64);
	const { ids } = tokenizer.encode("the cat <mask> on a mat .");
	const logits = scope(() => model.forward({ inputIds: intTensor(ids, [1, ids.length]) }).logits);
	expect((await logits.data()).every(Number.isFinite)).toBe(true);
	for (const [name, weight] of Object.entries(model.weights())) {
		const values = await (weight as typeof logits).data();
		expect(values, name).toEqual(await trained.weights.read(name, 0, values.length));
	}
	device.dispose();
});

it.each<[string, GivenFineTuneOptions]>([
	["plain", {}],
	["with accumulation, a moving average and mixed lengths", { accumulate: "2", ema: "0.9", length: "8,16" }],
	["classifying", { objective: "classify", data: ["labels.jsonl"] }],
])("a run that is interrupted ends bit for bit like one that is not: %s", async (_, changes) => {
	writeLabels();
	const given = { ...tiny(changes), data: changes.data ? [place("labels.jsonl")] : [place("text.txt")] };
	await startFineTuning(place("whole"), given, circumstances);
	await interruptedAfter(2, "parts", () => startFineTuning(place("parts"), given, circumstances));
	expect(process.exitCode).toBe(130);
	expect(result()).toMatchObject({ step: 2, interrupted: true });
	// Usable in between, too.
	expect(existsSync(join(place("parts"), "model", "config.json"))).toBe(true);
	process.exitCode = undefined;
	await resumeRun(place("parts"), {}, circumstances);
	expect(digests("parts")).toEqual(digests("whole"));
	const published = join(place("parts"), "model", "model.safetensors");
	const best = findCheckpoint(place("parts"), "best");
	expect(digest(published)).toBe(digest(join(best, changes.ema ? "ema.safetensors" : "model.safetensors")));
	await expect(resumeRun(place("parts"), { steps: "9", learningRate: "1" }, circumstances)).rejects.toThrow(
		/--learning-rate: "1" contradicts the run/,
	);
	await expect(resumeRun(place("parts"), { steps: "9", dim: "8" }, circumstances)).rejects.toThrow(
		/--dim: with --init/,
	);
	await resumeRun(place("parts"), { steps: "7" }, circumstances);
	expect(result().step).toBe(7);
});

function writeLabels(): void {
	const lines = Array.from({ length: 60 }, (_, index) => {
		const good = index % 3 > 0;
		return JSON.stringify({
			text: `the ${index % 2 ? "cat" : "dog"} sat very ${good ? "good" : "bad"} .`,
			label: good ? "nice" : "nasty",
		});
	});
	writeFileSync(place("labels.jsonl"), `${lines.join("\n")}\n`);
}

it("learns to classify texts, with the names of the classes and a new head", async () => {
	writeLabels();
	const given = tiny({ objective: "classify", data: [place("labels.jsonl")], steps: "100", learningRate: "1e-2" });
	await startFineTuning(place("run"), { ...given, evaluateEvery: "50", batch: "16" }, circumstances);
	expect(told).toMatch(/new weights: classifier.dense.weight/);
	expect(result()).toMatchObject({ className: "RobertaForSequenceClassification", labels: ["nasty", "nice"] });
	expect(result().best?.accuracy).toBe(1);
	const device = await init({ device: "wasm", threads: 1 });
	const model = await AutoModelForSequenceClassification.fromPretrained(result().model, { device });
	expect(model.labels).toEqual(["nasty", "nice"]);
	device.dispose();
	expect(readFileSync(join(place("run"), "report.html"), "utf8")).toMatch(/accuracy 100.0 %/);
	// A head of these classes is gone on with, in the order that it has.
	told = "";
	writeFileSync(place("labels.csv"), `label,text\n${'nice,"a ""good"" cat"\nnasty,a bad dog\n'.repeat(12)}`);
	const again = tiny({ init: result().model, objective: "classify", data: [place("labels.csv")], steps: "1" });
	await startFineTuning(place("again"), again, circumstances);
	expect(told).not.toMatch(/new weights/);
});

describe("refuses", () => {
	it.each<[string, () => Promise<void>, RegExp]>([
		[
			"what the model has settled",
			() => startFineTuning(place("run"), { ...tiny(), attention: "linear" } as never, circumstances),
			/^--attention: with --init it is as the pretrained model has it; leave it out$/,
		],
		[
			"a length beyond the model's",
			() => startFineTuning(place("run"), tiny({ length: "32" }), circumstances),
			/^--length: 32 tokens are more than the 16 that ".*" takes; longspan lengthen/,
		],
		[
			"an unknown objective",
			() => startFineTuning(place("run"), tiny({ objective: "rhyme" }), circumstances),
			/^--objective: "rhyme" is not valid; expected masked-lm or classify$/,
		],
		[
			"texts without classes",
			() => startFineTuning(place("run"), tiny({ objective: "classify" }), circumstances),
			/text.txt" is no file of texts with classes/,
		],
		[
			"a folder without a model",
			() => startFineTuning(place("run"), tiny({ init: folder }), circumstances),
			/there is no config.json/,
		],
		[
			"reversible activations",
			() => startFineTuning(place("run"), tiny({ activations: "reversible" }), circumstances),
			/^--activations: "reversible" is not valid/,
		],
		[
			"a length too short for a text",
			() => startFineTuning(place("run"), tiny({ length: "3" }), circumstances),
			/^--length: "3" is too short; expected at least 4$/,
		],
	])("%s", async (_, act, message) => {
		await expect(act()).rejects.toThrow(message);
		expect(existsSync(place("run"))).toBe(false);
	});

	it("to lengthen into a folder that is used, or by options of the other kind", async () => {
		await expect(lengthen(folder)).rejects.toThrow(/--out: ".*" is not empty/);
		expect(() =>
			parseLengthenOptions({ to: "bigbird", window: "8", model: "a", out: "b", length: "64" } as never),
		).toThrow(UsageError);
		await expect(lengthen(place("new"), { length: "16" })).rejects.toThrow(
			/^--length is 16; expected more than the 16 tokens/,
		);
		expect(readdirSync(folder)).toEqual(["text.txt"]);
	});

	it("to go on with the run of another kind", async () => {
		const given = { attention: "linear", data: [place("text.txt")], length: "16", batch: "2", layers: "1", dim: "8" };
		await startRun(place("run"), { ...given, steps: "1" }, circumstances);
		await expect(resumeRun(place("run"), { steps: "2", init: short() }, circumstances)).rejects.toThrow(
			/^--init: the run in ".*" is of a model from the start/,
		);
	});
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type Attention,
	type Device,
	decodeSafetensors,
	full,
	init,
	linear,
	mul,
	OptionError,
	ones,
	scope,
	type Tensor,
} from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { splitFiles } from "../../data/corpus.js";
import { listFiles } from "../../data/list-files.js";
import { defaults, parseOptions } from "../options.js";
import type { CompareSettings } from "../settings.js";
import { learningRateOf, training } from "./model.js";
import { trainAttentions } from "./train.js";

const silent = { start() {}, update() {}, note() {}, finish() {} };

describe("learningRateOf", () => {
	it("rises over the first tenth of the steps and falls to a tenth", () => {
		const rates = Array.from({ length: 100 }, (_, index) => learningRateOf(index + 1, 100));
		expect(rates[4]).toBeCloseTo(training.learningRate / 2, 10);
		expect(Math.max(...rates)).toBe(rates[9]);
		expect(rates[9]).toBe(training.learningRate);
		expect(rates[54]).toBeCloseTo(training.learningRate * 0.55, 10);
		expect(rates[99]).toBeCloseTo(training.learningRate / 10, 10);
		for (let step = 10; step < 100; step++) expect(rates[step]).toBeLessThan(rates[step - 1] as number);
	});

	it("is positive for runs of few steps", () => {
		for (const steps of [1, 2, 3])
			for (let step = 1; step <= steps; step++) expect(learningRateOf(step, steps)).toBeGreaterThan(0);
	});
});

describe("trainAttentions", () => {
	let device: Device;
	let folder: string;
	beforeAll(async () => {
		device = await init({ device: "reference" });
		folder = mkdtempSync(join(tmpdir(), "longspan-train-"));
		writeFileSync(join(folder, "text"), "to be or not to be ".repeat(20));
	});
	afterAll(() => {
		device.dispose();
		rmSync(folder, { recursive: true });
	});

	const choice = (label: string, create: (causal: boolean, length: number) => Attention) => ({
		label,
		name: label,
		create,
	});
	const settingsOf = (...attentions: CompareSettings["attentions"]): CompareSettings => ({
		...parseOptions([], { ...defaults, causal: false, backward: false, turbo: false, json: false }),
		...{ attentions, trainSteps: 4, trainLength: 8, trainBatch: 1 },
	});
	const corpus = () => splitFiles(listFiles([folder]));

	it("learns, tells how from the untrained model on, and leaves nothing on the device", async () => {
		const { liveBytes } = device.memoryStats();
		const settings = settingsOf(choice("linear", (causal) => linear({ causal })));
		const { training: runs, skippedTraining } = await trainAttentions(device, corpus(), settings, silent);
		expect(skippedTraining).toEqual([]);
		const [run] = runs;
		expect(run?.curve.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
		expect(run?.curve[0]?.seconds).toBe(0);
		expect(run?.curve[0]?.bitsPerByte).toBeGreaterThan(7);
		expect(run?.bitsPerByte).toBeLessThan(7);
		expect(run?.seconds).toBe(run?.curve[4]?.seconds);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});

	it("trains the weights of attentions that have some along with the others", async () => {
		const weighted = (causal: boolean): Attention => {
			const inner = linear({ causal });
			const attend = (...[q, k, v, options]: Parameters<Attention>) =>
				scope(() => mul(inner(q, k, v), options?.weights?.gain as Tensor));
			return Object.assign(attend, inner, { initialize: () => ({ gain: ones([1]) }) });
		};
		const settings = { ...settingsOf(choice("weighted", weighted)), modelFolder: join(folder, "models") };
		const { liveBytes } = device.memoryStats();
		const { skippedTraining } = await trainAttentions(device, corpus(), settings, silent);
		expect(skippedTraining).toEqual([]);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
		const { tensors } = decodeSafetensors(readFileSync(join(folder, "models", "weighted", "model.safetensors")));
		for (const layer of [0, 1]) {
			const [gain] = tensors.get(`blocks.${layer}.attention.weights.gain`)?.values ?? [];
			expect(gain).not.toBe(1);
			expect(gain).toBeCloseTo(1, 1);
		}
		rmSync(join(folder, "models"), { recursive: true });
	});

	it("goes on without an attention that has no causal form", async () => {
		const settings = settingsOf(
			choice("both-sided", (causal) => {
				if (causal) throw new OptionError("causal is true; expected false");
				return full();
			}),
			choice("refused", () => full()),
			choice("full", (causal) => full({ causal })),
		);
		const { liveBytes } = device.memoryStats();
		const { training: runs, skippedTraining } = await trainAttentions(device, corpus(), settings, silent);
		expect(runs.map(({ attention }) => attention)).toEqual(["full"]);
		expect(skippedTraining).toMatchObject([
			{ attention: "both-sided", reason: "it has no causal form" },
			{ attention: "refused", reason: expect.stringContaining("not causal") },
		]);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});
});

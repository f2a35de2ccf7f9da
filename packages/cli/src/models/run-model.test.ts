import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Device, init, treeTensors } from "longspan";
import { beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { RunFolder } from "../runs/run-folder.js";
import { buildModel } from "./build-model.js";
import { configText, modelConfig } from "./config.js";
import { loadModel } from "./load-model.js";
import { storedParameters } from "./save-model.js";

const config = modelConfig({
	...{ attention: "window:3", vocabularySize: 20, maxLength: 12, dim: 8, layers: 2, heads: 2 },
});

describe("the model of a training run", () => {
	let device: Device;
	let folder: string;
	beforeEach(async () => {
		device = await init({ device: "reference" });
		folder = mkdtempSync(join(tmpdir(), "longspan-run-model-"));
		return () => {
			device.dispose();
			rmSync(folder, { recursive: true });
		};
	});

	/** Saves a checkpoint whose weights are all `value`, and their average `average`, if there is one. */
	async function save(run: RunFolder, step: number, loss: number | null, value: number, average: number | null) {
		const { parameters } = buildModel(config);
		const filled = async (own: number) =>
			new Map(
				[...(await storedParameters(parameters))].map(([name, { shape, values }]) => [
					name,
					{ shape, values: values.fill(own) },
				]),
			);
		const tensors = new Map([["model.safetensors", await filled(value)]]);
		if (average !== null) tensors.set("ema.safetensors", await filled(average));
		const texts = new Map([["config.json", configText(config)]]);
		return run.save({ step, loss, tensors, texts, state: {} });
	}

	/** What all its weights are. */
	function loadedValue(path: string): number {
		const { parameters, config: found, dispose } = loadModel(path);
		expect(found).toEqual(config);
		const [value] = new Set(treeTensors(parameters).flatMap((weight) => [...weight.dataSync()]));
		dispose();
		return value as number;
	}

	it("is that of the best checkpoint, or the last, or the one that is named", async () => {
		const run = RunFolder.create(folder);
		const first = await save(run, 1, null, 1, null);
		await save(run, 2, null, 2, null);
		expect([loadedValue(folder), loadedValue(first)]).toEqual([2, 1]);
		await save(run, 3, 0.5, 3, null);
		await save(run, 4, 0.7, 4, null);
		run.close();
		expect(loadedValue(folder)).toBe(3);
	});

	it("has averaged weights where there are such", async () => {
		const run = RunFolder.create(folder);
		await save(run, 1, 1, 1, 9);
		run.close();
		expect(loadedValue(folder)).toBe(9);
	});

	it("is told of in one line where it is damaged, or not there", async () => {
		const run = RunFolder.create(folder);
		expect(() => loadModel(folder)).toThrow(/holds no checkpoint/);
		await save(run, 1, 2, 1, null);
		const best = await save(run, 2, 1, 2, 7);
		run.close();
		truncateSync(join(best, "ema.safetensors"), 100);
		expect(() => loadModel(folder)).toThrow(InputError);
		expect(() => loadModel(folder)).toThrow(
			/ema.safetensors" is damaged: .*; use another checkpoint of the run instead: ".*1"/,
		);
	});
});

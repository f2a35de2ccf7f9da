import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init } from "../index.js";
import type { PretrainedModel } from "../pretrained/model.js";
import { type GoldenGeneration, generateGolden } from "../testing/golden-generation.js";
import { GoldenModel, goldenModelsPresent, loadGolden } from "../testing/golden-models.js";

const cases = goldenModelsPresent
	? ["led-seq2seq", "bigbird-pegasus", "reformer-lm"].flatMap((folder) => {
			const golden = new GoldenModel(folder);
			return (golden.case.generate as GoldenGeneration[]).map((generation) => ({ golden, generation }));
		})
	: [];

describe.skipIf(!goldenModelsPresent).each(["wasm", "reference"] as const)("golden generation, %s", (name) => {
	let device: Device;
	const loaded = new Map<string, PretrainedModel>();
	beforeAll(async () => {
		device = await init(name === "wasm" ? { device: name, threads: 2 } : { device: name });
		for (const { golden } of cases)
			if (!loaded.has(golden.folder)) loaded.set(golden.folder, await loadGolden(golden, { device }));
	});
	afterAll(() => device.dispose());

	it.each(cases)("$golden.folder $generation.name", async ({ golden, generation }) => {
		const { buffers } = device.memoryStats();
		const model = loaded.get(golden.folder) as PretrainedModel;
		const { found, sequences } = await generateGolden(golden, model, generation);
		expect(device.memoryStats().buffers).toBe(buffers);
		expect(sequences.flat()).toEqual(Array.from(golden.stored(generation.sequences).values));
		const scores = generation.scores === undefined ? [] : golden.stored(generation.scores).values;
		scores.forEach((score, entry) => {
			expect(Math.abs((found[entry]?.[0]?.score as number) - score)).toBeLessThanOrEqual(generation.scores_atol);
		});
	});
});

import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionError } from "../../errors.js";
import { init } from "../../init.js";
import { mul } from "../../ops/arithmetic.js";
import { intTensor, zeros } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { keep, scope } from "../../tensor/scope.js";
import { sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { formulaCheckpoint, tinyEncoder } from "../../testing/formula-checkpoint.js";
import { goldenFolder, goldenModelsPresent } from "../../testing/golden-models.js";
import { memoryFiles } from "../../testing/memory-files.js";
import { folderFiles } from "../files/folder.node.js";
import { openWeights } from "../files/open-weights.js";
import type { WeightSource } from "../parameters/weight-source.js";
import type { Task } from "../tasks.js";
import { modelFromCheckpoint, modelFromFiles } from "./from-pretrained.js";
import { readCheckpoint } from "./open-checkpoint.js";
import { modelTypes } from "./registry.js";
import { saveCheckpoint, savePretrained } from "./save-pretrained.js";
import { trainableWeights } from "./trainable-weights.js";
import { withLabels } from "./with-labels.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => device.dispose());

async function expectEqualWeights(found: WeightSource, expected: WeightSource): Promise<void> {
	expect([...found.names].sort()).toEqual([...expected.names].sort());
	for (const name of expected.names) {
		const size = sizeOf(expected.shapeOf(name) ?? []);
		expect(found.shapeOf(name), name).toEqual(expected.shapeOf(name));
		expect(await found.read(name, 0, size), name).toEqual(await expected.read(name, 0, size));
	}
}

// These folders were written by transformers: saved again, they must have the same names and numbers.
const folders = goldenModelsPresent
	? readdirSync(goldenFolder(".")).filter((name) => !name.includes(".") && name !== "attn-grads")
	: [];

describe.skipIf(!goldenModelsPresent)("a golden checkpoint is saved as it was", () => {
	it.each(folders.flatMap((folder) => [true, false].map((trainable) => [folder, trainable] as const)))(
		"%s, trainable: %s",
		async (folder, trainable) => {
			const files = folderFiles(goldenFolder(folder).pathname);
			const original = await readCheckpoint(files);
			const [className] = original.config.architectures as string[];
			const type = modelTypes[String(original.config.model_type)];
			const [task] = Object.entries(type?.classes ?? {}).find(([, { name }]) => name === className) as [Task, unknown];
			const before = device.memoryStats().buffers;
			const model = await modelFromFiles(task, files, { device, trainable });
			const saved = memoryFiles();
			await savePretrained(model, saved);
			model.dispose();
			expect(device.memoryStats().buffers).toBe(before);
			const again = await readCheckpoint(saved);
			const { dtype: _, ...config } = again.config;
			expect(original.config).toMatchObject(config);
			expect(again.generationConfig).toEqual(original.generationConfig);
			await expectEqualWeights(again.weights, original.weights);
		},
	);
});

const bert = { ...tinyEncoder, model_type: "bert" };

it("saves weights that were trained in place of its own, and a base model without its prefix", async () => {
	const model = await modelFromCheckpoint("base", formulaCheckpoint("base", bert), { device, trainable: true });
	const doubled = keep(
		Object.fromEntries(Object.entries(trainableWeights(model)).map(([name, weight]) => [name, mul(weight, 2)])),
	);
	const files = memoryFiles();
	await savePretrained(model, files, { weights: doubled });
	const { weights } = await readCheckpoint(files);
	expect(weights.names).toContain("pooler.dense.weight");
	expect(weights.names).toContain("encoder.layer.1.attention.self.query.bias");
	const again = await modelFromFiles("base", files, { device, trainable: true });
	const inputs = { inputIds: intTensor([5, 6, 7, 8], [1, 4]) };
	const [found, expected] = scope(() => [
		again.forward(inputs).lastHiddenState,
		model.forwardWith(doubled, inputs).lastHiddenState,
	]) as [Tensor, Tensor];
	expect(await found.data()).toEqual(await expected.data());
	const own = scope(() => model.forward(inputs).lastHiddenState);
	expect(await own.data()).not.toEqual(await expected.data());
	expect(() => model.forwardWith({}, inputs)).toThrow(/"bert.embeddings.word_embeddings.weight" is missing/);
	expect(() => model.forwardWith({ ...doubled, more: zeros([1]) }, inputs)).toThrow(/"more" is no weight/);
});

it("refuses what cannot be saved or trained", async () => {
	const checkpoint = formulaCheckpoint("base", bert);
	const packed = await modelFromCheckpoint("base", checkpoint, { device, dtype: "q8" });
	await expect(savePretrained(packed, memoryFiles())).rejects.toThrow(/is kept as int8; load the model with trainable/);
	expect(() => trainableWeights(packed)).toThrow(OptionError);
	await expect(savePretrained(packed, memoryFiles(), { shards: 2 } as never)).rejects.toThrow(/shards is no option/);
	await expect(saveCheckpoint(checkpoint, memoryFiles(), { files: {} } as never)).rejects.toThrow(
		/files is .*; expected a Map/,
	);
	await expect(saveCheckpoint(checkpoint, "")).rejects.toThrow(/the folder is ""/);
	packed.dispose();
});

describe("withLabels", () => {
	it("keeps a head of the same classes, and draws one of others anew", async () => {
		const task = "sequence-classification";
		const labels = { id2label: { 0: "no", 1: "yes" }, label2id: { no: 0, yes: 1 } };
		const checkpoint = formulaCheckpoint(task, { ...bert, ...labels });
		const same = withLabels(checkpoint, ["no", "yes"]);
		expect(same.weights).toBe(checkpoint.weights);
		const other = withLabels(checkpoint, ["a", "b", "c"]);
		expect(other.config).toMatchObject({ id2label: { 0: "a", 1: "b", 2: "c" }, label2id: { a: 0, b: 1, c: 2 } });
		await expect(modelFromCheckpoint(task, other, { device })).rejects.toThrow(/"classifier.weight".* missing/);
		const model = await modelFromCheckpoint(task, other, { device, drawMissing: 1 });
		expect(model.labels).toEqual(["a", "b", "c"]);
		expect(model.drawn).toEqual(["classifier.weight", "classifier.bias"]);
		model.dispose();
		const files = memoryFiles();
		const base = await modelFromCheckpoint("base", formulaCheckpoint("base", bert), { device });
		await savePretrained(base, files);
		base.dispose();
		const bare = withLabels(await readCheckpoint(files), ["a"]);
		expect(await openWeights(files).then(({ names }) => names)).toEqual(bare.weights.names);
	});

	it.each<[readonly string[], RegExp]>([
		[[], /labels is empty/],
		[["a", "b", "a"], /labels has "a" at 2; expected different/],
		[["a", 1 as never], /labels has 1 at 1/],
	])("refuses %o", (labels, message) => {
		expect(() => withLabels(formulaCheckpoint("base", bert), labels)).toThrow(message);
	});
});

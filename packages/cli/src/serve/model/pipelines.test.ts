import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Device, init, type PipelineTask } from "longspan";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkpointLabels, checkpointLength, writeCheckpoint } from "../../testing/pretrained-checkpoint.js";
import { describePipelines, loadPipelines } from "./pipelines.js";

let device: Device;
let model: string;

beforeAll(async () => {
	device = await init({ device: "reference" });
	model = mkdtempSync(join(tmpdir(), "longspan-serve-"));
	writeCheckpoint(model);
});
afterAll(() => {
	device.dispose();
	rmSync(model, { recursive: true, force: true });
});

const load = (tasks: readonly PipelineTask[]) =>
	loadPipelines(
		{
			...{ model, tasks, dtype: "fp32", cacheDir: undefined, revision: undefined, offline: true },
			...{ device: "reference", threads: undefined, turbo: true, pooling: "mean", normalize: true },
			reading: { overflow: "error", batch_size: 8 },
		},
		device,
		() => {},
	);

it("pipelines of one class share its model", async () => {
	const pipelines = await load(["text-classification", "zero-shot-classification"]);
	const [texts, zeroShot] = [...pipelines.values()];
	expect(zeroShot?.model).toBe(texts?.model);
	expect(describePipelines(pipelines)).toMatchObject({
		tasks: ["text-classification", "zero-shot-classification"],
		classes: ["BertForSequenceClassification"],
		maxLength: checkpointLength,
	});
	const classify = pipelines.get("text-classification") as unknown as (text: string) => Promise<{ label: string }[]>;
	expect(checkpointLabels).toContain((await classify("the lamp"))[0]?.label);
	texts?.dispose();
});

it("without tasks, pipelines are those of the class in config.json", async () => {
	const pipelines = await load([]);
	expect([...pipelines.keys()]).toEqual(["fill-mask"]);
	for (const each of pipelines.values()) each.dispose();
});

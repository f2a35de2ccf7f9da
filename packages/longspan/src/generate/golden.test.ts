import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, generateTokens, generationSettings, init, scope } from "../index.js";
import { loadModel } from "../pretrained/auto/load-model.js";
import type { PretrainedModel } from "../pretrained/model.js";
import type { Task } from "../pretrained/tasks.js";
import { keep } from "../tensor/scope.js";
import { GoldenModel, goldenFolder, goldenModelsPresent } from "../testing/golden-models.js";

interface Generation {
	readonly name: string;
	/** Of encoder–decoders. */
	readonly args?: Readonly<Record<string, string>>;
	/** Of language models. */
	readonly input_ids: string;
	readonly options: Readonly<Record<string, unknown>>;
	readonly sequences: string;
	readonly scores?: string;
	readonly scores_atol: number;
}

const models: readonly (readonly [folder: string, task: Task])[] = [
	["led-seq2seq", "seq2seq-lm"],
	["bigbird-pegasus", "seq2seq-lm"],
	["reformer-lm", "causal-lm"],
];
const cases = goldenModelsPresent
	? models.flatMap(([folder, task]) => {
			const golden = new GoldenModel(folder);
			return (golden.case.generate as Generation[]).map((generation) => ({ golden, task, generation }));
		})
	: [];

describe.skipIf(!goldenModelsPresent).each(["wasm", "reference"] as const)("golden generation, %s", (name) => {
	let device: Device;
	const loaded = new Map<string, PretrainedModel>();
	beforeAll(async () => {
		device = await init(name === "wasm" ? { device: name, threads: 2 } : { device: name });
		for (const { golden, task } of cases) {
			const { folder, config, weights } = golden;
			if (loaded.has(folder)) continue;
			const file = new URL("generation_config.json", goldenFolder(folder));
			const generationConfig = JSON.parse(readFileSync(file, "utf8"));
			const checkpoint = { location: folder, config, generationConfig, weights };
			loaded.set(folder, await loadModel(task, checkpoint, { device, format: "float32" }));
		}
	});
	afterAll(() => device.dispose());

	it.each(cases)("$golden.folder $generation.name", async ({ golden, task, generation }) => {
		const model = loaded.get(golden.folder) as PretrainedModel;
		const { buffers } = device.memoryStats();
		const call = { args: generation.args ?? { input_ids: generation.input_ids } };
		const ids = golden.stored(call.args.input_ids as string);
		const [entries, length] = ids.shape as readonly [number, number];
		// Every call of a model with a hash seed has the rotations of the first.
		const rotations =
			task === "causal-lm" ? [1, 3].map((layer) => keep(golden.floats(`a.rotations.${layer}`))) : undefined;
		const session = scope(() =>
			model.startDecoding({
				inputIds: golden.ids(call, "input_ids") as never,
				attentionMask: golden.ids(call, "attention_mask"),
				globalAttentionMask: golden.ids(call, "global_attention_mask"),
				rotations,
			}),
		);
		const { eos_token_id: eos, ...options } = generation.options;
		const given = eos === null ? { eosTokenId: null } : {};
		const asked = generationSettings({ ...model.generationConfig, ...options }, model.config, given);
		const start = Array.from({ length: entries }, (_, entry) =>
			task === "causal-lm"
				? Array.from(ids.values.subarray(entry * length, (entry + 1) * length))
				: [asked.decoderStartTokenId as number],
		);
		const found = await generateTokens(session, start, asked);
		session.dispose();
		for (const tensor of rotations ?? []) tensor.dispose();
		expect(device.memoryStats().buffers).toBe(buffers);

		const { values, shape } = golden.stored(generation.sequences);
		const width = shape[1] as number;
		const padded = found.flatMap(([best], entry) => {
			const own = [...(start[entry] as number[]), ...(best?.ids ?? [])];
			return [...own, ...new Array<number>(width - own.length).fill(asked.padTokenId as number)];
		});
		expect(padded).toEqual(Array.from(values));
		const scores = generation.scores === undefined ? [] : golden.stored(generation.scores).values;
		scores.forEach((score, entry) => {
			expect(Math.abs((found[entry]?.[0]?.score as number) - score)).toBeLessThanOrEqual(generation.scores_atol);
		});
	});
});

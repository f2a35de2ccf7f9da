import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { init } from "../init.js";
import type { Device } from "../tensor/device.js";
import { keep, scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { treeTensors } from "../tensor/tree.js";
import { type GoldenGeneration, generateGolden } from "../testing/golden-generation.js";
import {
	type GoldenCall,
	GoldenModel,
	type GoldenOutput,
	goldenModelsPresent,
	goldenTasks,
	loadGolden,
} from "../testing/golden-models.js";
import type { EncoderDecoderInputs } from "./architecture.js";
import { type ModelDType, matrixFormatOf } from "./auto/dtype.js";
import type { PretrainedModel } from "./model.js";
import type { LogitsOutputs, SpanOutputs } from "./tasks.js";

/** How far a model is from the reference. */
interface Cost {
	/** Root mean square of the differences of scores over that of the scores. */
	readonly error: number;
	/** Share of rows of scores with the same largest one. */
	readonly agreement: number;
	/** Share of generated tokens up to the first other one; 1 where nothing is generated. */
	readonly written: number;
}

const dtypes = ["fp16", "bf16", "q8"] as const satisfies readonly ModelDType[];

/**
 * What was measured; twice as much is allowed. Buckets of Reformers move with rounding, and other tokens are seen then. The weights are
 * random, so that scores are closer to each other than those of trained models.
 */
// biome-ignore format: a table
const measured: readonly (readonly [folder: string, fp16: Cost, bf16: Cost, q8: Cost])[] = [
	["bigbird-full", { error: 8.1e-4, agreement: 1, written: 1 }, { error: 6.5e-3, agreement: 0.9692, written: 1 }, { error: 2.4e-2, agreement: 0.9385, written: 1 }],
	["bigbird-mlm", { error: 1.3e-3, agreement: 1, written: 1 }, { error: 9.5e-3, agreement: 0.9853, written: 1 }, { error: 3.2e-2, agreement: 0.9265, written: 1 }],
	["bigbird-mlm-b64", { error: 7.6e-4, agreement: 0.9853, written: 1 }, { error: 5.2e-3, agreement: 1, written: 1 }, { error: 1.7e-2, agreement: 0.9559, written: 1 }],
	["bigbird-mlm-seeded", { error: 8.0e-4, agreement: 1, written: 1 }, { error: 6.3e-3, agreement: 1, written: 1 }, { error: 2.1e-2, agreement: 0.9861, written: 1 }],
	["bigbird-pegasus", { error: 9.0e-4, agreement: 1, written: 1 }, { error: 6.7e-3, agreement: 1, written: 0.7278 }, { error: 2.4e-2, agreement: 0.9804, written: 0.6982 }],
	["bigbird-qa", { error: 7.1e-4, agreement: 1, written: 1 }, { error: 6.0e-3, agreement: 1, written: 1 }, { error: 2.2e-2, agreement: 0.875, written: 1 }],
	["bigbird-seqcls", { error: 1.3e-3, agreement: 1, written: 1 }, { error: 9.2e-3, agreement: 1, written: 1 }, { error: 2.5e-2, agreement: 1, written: 1 }],
	["led-seq2seq", { error: 1.3e-3, agreement: 1, written: 1 }, { error: 1.1e-2, agreement: 0.963, written: 0.84 }, { error: 3.4e-2, agreement: 0.9074, written: 0.7486 }],
	["longformer-mlm", { error: 1.5e-3, agreement: 1, written: 1 }, { error: 1.1e-2, agreement: 0.9774, written: 1 }, { error: 3.8e-2, agreement: 0.9718, written: 1 }],
	["longformer-qa", { error: 9.3e-4, agreement: 1, written: 1 }, { error: 7.1e-3, agreement: 1, written: 1 }, { error: 2.4e-2, agreement: 0.875, written: 1 }],
	["longformer-seqcls", { error: 1.2e-3, agreement: 1, written: 1 }, { error: 1.0e-2, agreement: 1, written: 1 }, { error: 2.1e-2, agreement: 0.8333, written: 1 }],
	["longformer-tokencls", { error: 3.1e-3, agreement: 1, written: 1 }, { error: 3.1e-2, agreement: 0.9847, written: 1 }, { error: 8.1e-2, agreement: 0.9358, written: 1 }],
	["reformer-lm", { error: 1.1e-2, agreement: 1, written: 1 }, { error: 2.3e-2, agreement: 0.9821, written: 0.9801 }, { error: 4.2e-2, agreement: 0.9821, written: 0.9073 }],
	["reformer-mlm", { error: 3.4e-3, agreement: 0.9928, written: 1 }, { error: 1.6e-2, agreement: 0.9928, written: 1 }, { error: 2.9e-2, agreement: 0.9568, written: 1 }],
	["reformer-seqcls", { error: 3.8e-4, agreement: 1, written: 1 }, { error: 1.3e-1, agreement: 0.8333, written: 1 }, { error: 3.8e-1, agreement: 1, written: 1 }],
];

function inputsOf(golden: GoldenModel, call: GoldenCall): EncoderDecoderInputs {
	const ids = (name: string) => golden.ids(call, name) as Tensor<"int32">;
	return {
		inputIds: ids("input_ids"),
		attentionMask: ids("attention_mask"),
		tokenTypeIds: ids("token_type_ids"),
		globalAttentionMask: ids("global_attention_mask"),
		decoderInputIds: ids("decoder_input_ids"),
		decoderAttentionMask: ids("decoder_attention_mask"),
		numHashes: call.kwargs.num_hashes as number | undefined,
		rotations: call.rotations && Object.values<string>(call.rotations).map((name) => golden.floats(name)),
	};
}

async function costOf(golden: GoldenModel, model: PretrainedModel): Promise<Cost> {
	let [squares, total, rows, same] = [0, 0, 0, 0];
	for (const [, call] of golden.calls) {
		const randomBlocks = call.pattern === "train" ? ("seeded" as const) : undefined;
		const outputs = keep(scope(() => model.forward(inputsOf(golden, call), { randomBlocks }))) as Partial<
			LogitsOutputs & SpanOutputs
		>;
		const scores = { logits: outputs.logits, start_logits: outputs.startLogits, end_logits: outputs.endLogits };
		for (const [name, tensor] of Object.entries(scores)) {
			if (!tensor) continue;
			const width = golden.stored((call.outputs[name] as GoldenOutput).tensor).shape.at(-1) as number;
			const byRow = new Map<number, { index: number; found: number; expected: number }[]>();
			for (const pair of golden.compared(call, name, tensor.shape, await tensor.data())) {
				const row = Math.floor(pair.index / width);
				byRow.set(row, [...(byRow.get(row) ?? []), pair]);
			}
			for (const row of byRow.values()) {
				for (const { found, expected } of row) {
					squares += (found - expected) ** 2;
					total += expected ** 2;
				}
				const largest = (of: "found" | "expected") => row.reduce((a, b) => (b[of] > a[of] ? b : a)).index;
				same += Number(largest("found") === largest("expected"));
				rows++;
			}
		}
		for (const tensor of treeTensors(outputs)) tensor.dispose();
	}
	let [tokens, kept] = [0, 0];
	for (const generation of (golden.case.generate ?? []) as GoldenGeneration[]) {
		const { sequences } = await generateGolden(golden, model, generation);
		const { values, shape } = golden.stored(generation.sequences);
		const width = shape[1] as number;
		for (const [entry, sequence] of sequences.entries()) {
			const stored = values.subarray(entry * width, (entry + 1) * width);
			const other = stored.findIndex((id, at) => id !== sequence[at]);
			tokens += width;
			kept += other < 0 ? width : other;
		}
	}
	return { error: Math.sqrt(squares / total), agreement: same / rows, written: tokens === 0 ? 1 : kept / tokens };
}

describe.skipIf(!goldenModelsPresent)("what a dtype costs", () => {
	let device: Device;
	beforeAll(async () => {
		device = await init({ device: "wasm", threads: 2 });
	});
	afterAll(() => device.dispose());

	it.each(measured)("%s", async (folder, ...costs) => {
		const golden = new GoldenModel(folder);
		for (const [index, { error, agreement, written }] of costs.entries()) {
			const dtype = dtypes[index] as ModelDType;
			const model = await loadGolden(golden, { device, format: matrixFormatOf("test", dtype) });
			const cost = await costOf(golden, model);
			model.dispose();
			expect(cost.error, dtype).toBeLessThan(2 * error);
			expect(1 - cost.agreement, dtype).toBeLessThanOrEqual(2 * (1 - agreement) + 0.02);
			expect(1 - cost.written, dtype).toBeLessThanOrEqual(2 * (1 - written) + 0.02);
		}
	});

	it("are all there is", () =>
		expect(measured.map(([folder]) => folder)).toEqual(goldenTasks.map(([folder]) => folder)));
});

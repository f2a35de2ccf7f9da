import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { init } from "../init.js";
import type { HiddenOutputs } from "../pretrained/architecture.js";
import type { ModelType } from "../pretrained/auto/model-type.js";
import { readLabels } from "../pretrained/config/labels.js";
import { classificationLoss, spanLoss, tokenLoss } from "../pretrained/losses/index.js";
import { loadParameters } from "../pretrained/parameters/load.js";
import { disposeParameters } from "../pretrained/parameters/parameters.js";
import type { BaseOutputs, LogitsOutputs, SpanOutputs, Task } from "../pretrained/tasks.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { type GoldenCall, GoldenModel, goldenModelsPresent } from "./golden-models.js";

type Outputs = HiddenOutputs & Partial<LogitsOutputs & SpanOutputs & BaseOutputs>;

/** Runs every call of golden folders of encoders and compares every output, on both devices; the first with unpacked weights, too. */
export function describeGoldenEncoders(type: ModelType, folders: readonly string[]): void {
	describe.skipIf(!goldenModelsPresent).each([
		["wasm", "float32"],
		["wasm", "tensor"],
		["reference", "float32"],
	] as const)("golden outputs on %s, weights as %s", (kind, format) => {
		let device: Device;
		beforeAll(async () => {
			device = await init(kind === "wasm" ? { device: "wasm", threads: 2 } : { device: "reference" });
		});
		afterAll(() => device.dispose());

		it.each(format === "tensor" ? folders.slice(0, 1) : folders)("%s", async (folder) => {
			const golden = new GoldenModel(folder);
			const [task, modelClass] = classOf(type, golden.case.class);
			const before = device.memoryStats().buffers;
			const load = async (created: typeof modelClass) => {
				const fields = golden.fields();
				const architecture = created.create(fields);
				readLabels(fields);
				type.maxLength(fields);
				fields.finish();
				const options = { device, format, prefix: type.prefix } as const;
				return { architecture, ...(await loadParameters(architecture.declared, golden.weights, options)) };
			};
			const { architecture, parameters } = await load(modelClass);
			const base = await load(type.classes.base as typeof modelClass);
			let compared = 0;
			for (const [, call] of golden.calls) {
				const inputs = inputsOf(golden, call);
				const options = optionsOf(call);
				const outputs: Outputs = architecture.forward(parameters, inputs, options);
				const own = outputs as unknown as Record<string, Tensor>;
				const pooled =
					"pooler_output" in call.outputs
						? (base.architecture.forward(base.parameters, inputs, options) as BaseOutputs)
						: undefined;
				const loss = "loss" in call.outputs ? lossOf(task, golden, call, outputs) : undefined;
				const found: Record<string, Tensor | undefined> = {
					logits: own.logits,
					loss,
					start_logits: own.startLogits,
					end_logits: own.endLogits,
					last_hidden_state: own.lastHiddenState,
					pooler_output: pooled?.poolerOutput,
					...numbered("hidden_states", outputs.hiddenStates),
					...numbered("attentions", outputs.attentions),
					...numbered("global_attentions", outputs.globalAttentions),
				};
				for (const output of Object.keys(call.outputs)) {
					expect(found[output], `${folder} ${call.note}: ${output}`).toBeDefined();
					await golden.expectOutput(call, output, found[output] as Tensor);
					compared++;
				}
				disposeParameters([inputs, outputs, pooled, loss]);
			}
			expect(compared).toBeGreaterThan(golden.calls.length);
			disposeParameters([parameters, base.parameters]);
			expect(device.memoryStats().buffers).toBe(before);
		});
	});
}

function classOf(type: ModelType, name: string) {
	const found = Object.entries(type.classes).find(([, { name: own }]) => own === name);
	if (!found) throw new Error(`no class ${name}`);
	return found as [Task, (typeof found)[1]];
}

/** The inputs of a call, to be disposed of. */
export function inputsOf(golden: GoldenModel, call: GoldenCall) {
	return {
		inputIds: golden.ids(call, "input_ids") as Tensor<"int32">,
		attentionMask: golden.ids(call, "attention_mask"),
		tokenTypeIds: golden.ids(call, "token_type_ids"),
		globalAttentionMask: golden.ids(call, "global_attention_mask"),
	};
}

function optionsOf(call: GoldenCall) {
	const has = (name: string) => Object.keys(call.outputs).some((output) => output.startsWith(name));
	return {
		outputHiddenStates: has("hidden_states"),
		outputAttentions: has("attentions"),
		...(call.pattern === "train" && { randomBlocks: "seeded" as const }),
	};
}

function lossOf(task: Task, golden: GoldenModel, call: GoldenCall, outputs: Outputs): Tensor {
	return scope(() => {
		const labels = (name: string) => golden.ids(call, name) as Tensor<"int32">;
		if (task === "question-answering")
			return spanLoss(outputs as SpanOutputs, labels("start_positions"), labels("end_positions"));
		const logits = outputs.logits as Tensor;
		if (task === "sequence-classification") return classificationLoss(logits, labels("labels"));
		return tokenLoss(logits, labels("labels"));
	});
}

function numbered(name: string, list: readonly Tensor[] | undefined): Record<string, Tensor> {
	return Object.fromEntries((list ?? []).map((tensor, at) => [`${name}.${at}`, tensor]));
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, keep, scope, type Tensor, treeTensors } from "../../index.js";
import { GoldenModel, goldenModelsPresent } from "../../testing/golden-models.js";
import type { Architecture, EncoderDecoderInputs } from "../architecture.js";
import type { ModelType } from "../auto/model-type.js";
import { bigBirdPegasusType } from "../big-bird-pegasus/index.js";
import { ledType } from "../led/index.js";
import { tokenLoss } from "../losses/index.js";
import { loadParameters } from "../parameters/load.js";
import { disposeParameters } from "../parameters/parameters.js";
import type { EncoderDecoderOutputs, LogitsOutputs } from "../tasks.js";
import { shiftRight } from "./shift-right.js";

type Summarizer = Architecture<EncoderDecoderInputs, LogitsOutputs & EncoderDecoderOutputs>;

const types: readonly (readonly [folder: string, type: ModelType])[] = [
	["led-seq2seq", ledType],
	["bigbird-pegasus", bigBirdPegasusType],
];

const cases = goldenModelsPresent
	? types.flatMap(([folder, type]) => {
			const golden = new GoldenModel(folder);
			return golden.calls.map(([name, call]) => ({ folder, type, golden, name, call }));
		})
	: [];

describe.skipIf(!goldenModelsPresent).each([
	["wasm", () => init({ device: "wasm", threads: 2 })],
	["reference", () => init({ device: "reference" })],
] as const)("golden encoder–decoders on %s", (_, start) => {
	let device: Device;
	beforeAll(async () => {
		device = await start();
	});
	afterAll(() => device.dispose());

	it.each(cases)("$folder $name: $call.note", async ({ type, golden, call }) => {
		const before = device.memoryStats().buffers;
		const fields = golden.fields();
		const architecture = type.classes["seq2seq-lm"]?.create(fields) as Summarizer;
		type.maxLength(fields);
		fields.finish();
		const { parameters, unused } = await loadParameters(architecture.declared, golden.weights, {
			device,
			format: "float32",
			prefix: type.prefix,
		});
		expect(unused).toEqual([]);
		const ids = (argument: string) => golden.ids(call, argument);
		const outputs = keep(
			scope((): Record<string, Tensor> => {
				const decoderInputIds = ids("decoder_input_ids") as Tensor<"int32">;
				const labels = ids("labels") as Tensor<"int32">;
				const { decoder_start_token_id: startId, pad_token_id: padId } = golden.config;
				expect(shiftRight(labels, startId as number, padId as number).dataSync()).toEqual(decoderInputIds.dataSync());
				const inputs: EncoderDecoderInputs = {
					inputIds: ids("input_ids") as Tensor<"int32">,
					attentionMask: ids("attention_mask"),
					globalAttentionMask: ids("global_attention_mask"),
					decoderInputIds,
					decoderAttentionMask: ids("decoder_attention_mask"),
				};
				const found = architecture.forward(parameters, inputs, { outputHiddenStates: true });
				return {
					logits: found.logits,
					loss: tokenLoss(found.logits, labels),
					last_hidden_state: found.lastHiddenState,
					encoder_last_hidden_state: found.encoderLastHiddenState,
					"encoder_hidden_states.1": found.encoderHiddenStates?.[1] as Tensor,
				};
			}),
		);
		expect(Object.keys(outputs).sort()).toEqual(Object.keys(call.outputs).sort());
		for (const [name, output] of Object.entries(outputs)) await golden.expectOutput(call, name, output);
		for (const tensor of treeTensors(outputs)) tensor.dispose();
		disposeParameters(parameters);
		expect(device.memoryStats().buffers).toBe(before);
	});
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { valueAndGrad } from "../../autograd/grad.js";
import { init } from "../../init.js";
import { intTensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import type { Tensor } from "../../tensor/tensor.js";
import { treeTensors } from "../../tensor/tree.js";
import { formulaCheckpoint, tinyEncoder } from "../../testing/formula-checkpoint.js";
import { modelFromCheckpoint } from "../auto/from-pretrained.js";
import { trainableWeights } from "../auto/trainable-weights.js";
import type { ConfigJson } from "../config/config-fields.js";
import { tokenLoss } from "../losses/index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => device.dispose());

const length = 384;
const sizes = { ...tinyEncoder, max_position_embeddings: length + 2, num_hidden_layers: 6, hidden_dropout_prob: 0.2 };

it.each<[string, ConfigJson]>([
	// With global tokens of its own, whose masks end with the call.
	["longformer", { ...sizes, model_type: "longformer", attention_window: 8 }],
	["big_bird", { ...sizes, model_type: "big_bird", block_size: 4, num_random_blocks: 1 }],
	["roberta", { ...sizes, model_type: "roberta" }],
])("layers of %s that are computed again give the same gradients in less memory", async (_, config) => {
	const task = "sequence-classification";
	const model = await modelFromCheckpoint(task, formulaCheckpoint(task, config), { device, trainable: true });
	const weights = trainableWeights(model);
	const ids = Array.from({ length: 2 * length }, (__, index) => 4 + ((index * 11) % 50));
	const inputs = {
		inputIds: intTensor(ids, [2, length]),
		attentionMask: intTensor(
			ids.map((__, index) => Number(index < 2 * length - 5)),
			[2, length],
		),
	};
	const labels = intTensor([0, 1], [2]);
	const loss = (own: typeof weights, recompute: boolean) =>
		tokenLoss(model.forwardWith(own, inputs, { random: { seed: 3 }, recompute }).logits, labels);
	const found: Float32Array[][] = [];
	const peaks: number[] = [];
	for (const recompute of [false, true]) {
		const before = device.memoryStats();
		let peak = 0;
		const { value, gradient } = valueAndGrad((own: typeof weights) => {
			const result = loss(own, recompute);
			peak = device.memoryStats().liveBytes - before.liveBytes;
			return result;
		})(weights);
		peaks.push(peak);
		found.push(await Promise.all([value, ...(treeTensors(gradient) as Tensor[])].map((tensor) => tensor.data())));
		for (const tensor of treeTensors([value, gradient])) tensor.dispose();
		expect(device.memoryStats().buffers).toBe(before.buffers);
	}
	expect(found[1]).toEqual(found[0]);
	expect(peaks[1]).toBeLessThan(0.2 * (peaks[0] as number));
	expect(() => model.forward(inputs, { recompute: true, outputAttentions: true })).toThrow(
		/recompute is true with outputAttentions|outputAttentions is true/,
	);
	model.dispose();
});

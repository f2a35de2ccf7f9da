import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, DisposedError, init, intTensor, OptionError, ShapeError, scope, slice } from "../../index.js";
import { expectClose } from "../../testing/conformance/expect-close.js";
import { formulaModel } from "../../testing/formula-model.js";
import { integersBetween } from "../../testing/random-values.js";
import { disposeParameters } from "../parameters/parameters.js";
import type { GeneratingArchitecture, LanguageInputs, LogitsOutputs } from "../tasks.js";
import { bigBirdType } from "./index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => device.dispose());

const config = {
	...{ vocab_size: 30, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 24 },
	...{ max_position_embeddings: 80, is_decoder: true, attention_type: "original_full" },
};
const load = async () => {
	const { architecture, parameters } = await formulaModel(bigBirdType, "causal-lm", config, device);
	return { model: architecture as GeneratingArchitecture<LanguageInputs, LogitsOutputs>, parameters };
};
const ids = () => intTensor([...integersBetween(2 * 75, 1, 4, 30)], [2, 75]);

describe("BigBird that writes", () => {
	it("decodes to the scores of the whole text, also after its rows were chosen anew", async () => {
		const { model, parameters } = await load();
		const before = device.memoryStats().buffers;
		scope(() => {
			const inputIds = ids();
			const expected = model.forward(parameters, { inputIds }).logits.dataSync();
			const scoresOf = (row: number, at: number) => expected.subarray((row * 75 + at) * 30, (row * 75 + at + 1) * 30);
			const session = model.startDecoding(parameters, { inputIds });
			const feed = (rows: readonly number[], from: number, until: number) => {
				const own = slice(inputIds, 1, from, until).dataSync();
				const length = until - from;
				const fed = rows.flatMap((row) => [...own.subarray(row * length, (row + 1) * length)]);
				const scores = session.append(intTensor(fed, [rows.length, length])).dataSync();
				for (const [at, row] of rows.entries())
					expectClose(`position ${until}`, scores.subarray(at * 30, (at + 1) * 30), scoresOf(row, until - 1), 2e-5);
			};
			feed([0, 1], 0, 60);
			feed([0, 1], 60, 61);
			session.select([0, 0, 1, 1]);
			feed([0, 0, 1, 1], 61, 62);
			feed([0, 0, 1, 1], 62, 70);
			session.select([1, 3]);
			feed([0, 1], 70, 75);
			expect(session.position).toBe(75);
			expect(session.stateBytes).toBeGreaterThan(0);
			session.dispose();
		});
		expect(device.memoryStats().buffers).toBe(before);
		disposeParameters(parameters);
	});

	it("refuses padding, other rows, tokens beyond its positions, and to go on when it is over", async () => {
		const { model, parameters } = await load();
		scope(() => {
			const inputIds = ids();
			const attentionMask = intTensor(
				new Int32Array(150).map((_, at) => Number(at > 3)),
				[2, 75],
			);
			expect(() => model.startDecoding(parameters, { inputIds, attentionMask })).toThrow(OptionError);
			const session = model.startDecoding(parameters, { inputIds });
			expect(() => session.append(intTensor([5, 6, 7], [3, 1]))).toThrow(ShapeError);
			session.append(inputIds);
			expect(() => session.append(slice(inputIds, 1, 0, 6))).toThrow(/81 tokens were fed; expected at most 80/);
			session.dispose();
			expect(() => session.append(slice(inputIds, 1, 0, 1))).toThrow(DisposedError);
		});
		disposeParameters(parameters);
	});
});

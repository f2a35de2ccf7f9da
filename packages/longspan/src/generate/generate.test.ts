import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	full,
	generate,
	generateFrom,
	init,
	intTensor,
	type LanguageModel,
	type LanguageModelOptions,
	languageModel,
	linear,
	OptionError,
	perHead,
	ShapeError,
	scope,
	slidingWindow,
	tensor,
	treeTensors,
} from "../index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 1 });
});
afterAll(() => device.dispose());

const sizes = { vocabularySize: 13, maxLength: 40, dim: 16, layers: 2, heads: 2, seed: 4 };

/** Runs a test with a model and frees its weights. */
async function withModel(
	options: Pick<LanguageModelOptions, "attention" | "positions">,
	body: (model: LanguageModel) => Promise<void>,
): Promise<void> {
	const model = languageModel({ ...sizes, ...options });
	try {
		await body(model);
	} finally {
		for (const weight of treeTensors(model.parameters)) weight.dispose();
	}
}

async function collect(ids: AsyncIterable<number>): Promise<number[]> {
	const all: number[] = [];
	for await (const id of ids) all.push(id);
	return all;
}

/** The likeliest next id by the full forward pass. */
function likeliestNext({ logits, parameters }: LanguageModel, ids: readonly number[]): number {
	const scores = scope(() => logits(parameters, intTensor(ids, [1, ids.length])).dataSync());
	const last = scores.subarray(-sizes.vocabularySize);
	return last.indexOf(Math.max(...last));
}

describe("generate", () => {
	it.each<[string, LanguageModelOptions["attention"], NonNullable<LanguageModelOptions["positions"]>]>([
		["full", full({ causal: true }), "learned"],
		["window", slidingWindow({ window: 3, causal: true }), "rotary"],
		["linear", linear({ causal: true }), "sinusoidal"],
		["mixed", [linear({ causal: true }), perHead([full({ causal: true }), linear({ causal: true })])], "none"],
	])("takes the likeliest token of the full forward pass at temperature 0, %s", async (_, attention, positions) => {
		await withModel({ attention, positions }, async (model) => {
			const prompt = [3, 1, 4, 1, 5];
			const ids = await collect(generate(model, model.parameters, prompt, { tokens: 20, temperature: 0 }));
			expect(ids).toHaveLength(20);
			ids.forEach((id, index) => {
				expect(id).toBe(likeliestNext(model, [...prompt, ...ids.slice(0, index)]));
			});
		});
	});

	it("gives the same tokens for the same seed, others for another", async () => {
		await withModel({ attention: linear({ causal: true }) }, async (model) => {
			const draw = (seed: number) => collect(generate(model, model.parameters, [1, 2], { tokens: 24, seed, topK: 9 }));
			expect(await draw(1)).toEqual(await draw(1));
			expect(await draw(1)).not.toEqual(await draw(2));
		});
	});

	it("ends before a stop token", async () => {
		await withModel({ attention: full({ causal: true }) }, async (model) => {
			const options = { tokens: 30, seed: 8, temperature: 3 };
			const ids = await collect(generate(model, model.parameters, [1], options));
			const stop = ids[10] as number;
			const stopped = await collect(generate(model, model.parameters, [1], { ...options, stopIds: [99, stop] }));
			expect(stopped).toEqual(ids.slice(0, ids.indexOf(stop)));
		});
	});

	it("frees what it holds at the end, when the consumer stops, and when it fails", async () => {
		await withModel({ attention: full({ causal: true }) }, async (model) => {
			const { buffers, liveBytes } = device.memoryStats();
			const flat = () => expect(device.memoryStats()).toMatchObject({ buffers, liveBytes });
			await collect(generate(model, model.parameters, [1, 2, 3], { tokens: 5 }));
			flat();
			let seen = 0;
			for await (const _ of generate(model, model.parameters, [1, 2, 3], { tokens: 30 })) {
				expect(device.memoryStats().liveBytes).toBeGreaterThan(liveBytes);
				if (++seen === 4) break;
			}
			flat();
			const tooLong = generate(model, model.parameters, new Int32Array(30), { tokens: 30 });
			await expect(collect(tooLong)).rejects.toThrow(ShapeError);
			flat();
			const damaged = { ...model.parameters, tokens: tensor(new Float32Array(13 * 16).fill(Number.NaN), [13, 16]) };
			await expect(collect(generate(model, damaged, [1], { tokens: 3 }))).rejects.toThrow(/score of token 0 is NaN/);
			damaged.tokens.dispose();
			flat();
		});
	});

	it("goes on in a session of the caller", async () => {
		await withModel({ attention: linear({ causal: true }) }, async (model) => {
			const options = { tokens: 6, seed: 2 };
			const session = model.startDecoding(model.parameters);
			const first = await collect(generateFrom(session, [1, 2], options));
			expect(session.position).toBe(2 + 5);
			const second = await collect(generateFrom(session, first.slice(-1), options));
			session.dispose();
			const whole = await collect(generate(model, model.parameters, [1, 2], { ...options, tokens: 12 }));
			expect([...first, ...second]).toEqual(whole);
		});
	});

	it.each([
		["an empty prompt", [], { tokens: 3 }, /the prompt is empty; expected at least one id/],
		["no tokens to generate", [1], { tokens: 0 }, /tokens is 0; expected an integer of at least 1/],
		["a misspelt option", [1], { tokens: 3, temprature: 1 } as never, /generate: temprature is no option/],
		["a prompt that is a text", "ab" as never, { tokens: 3 }, /generate: the prompt is "ab"; expected a list of ids/],
		["a bad temperature", [1], { tokens: 3, temperature: -1 }, /generate: temperature is -1/],
		["an id the model does not know", [13], { tokens: 3 }, /13; expected 0 to 12/],
	] as const)("refuses %s", async (_, prompt, options, message) => {
		await withModel({ attention: linear({ causal: true }) }, async (model) => {
			const { buffers } = device.memoryStats();
			const refused = collect(generate(model, model.parameters, prompt, options));
			await expect(refused).rejects.toThrow(OptionError);
			await expect(refused).rejects.toThrow(message);
			expect(device.memoryStats().buffers).toBe(buffers);
		});
	});
});

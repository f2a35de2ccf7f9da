import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { init } from "../init.js";
import { intTensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { memoryFiles } from "../testing/memory-files.js";
import {
	allClasses,
	loadTiny,
	neededWeights,
	type TinyModelOptions,
	tinyConfig,
	tinyWeights,
} from "../testing/tiny-models.js";
import { AutoModel } from "./auto/from-pretrained.js";
import { modelTypes } from "./auto/registry.js";
import { saveWeights } from "./files/save/save-weights.js";
import type { WeightSource } from "./parameters/weight-source.js";
import type { Task } from "./tasks.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 1 });
});
afterAll(() => device.dispose());

const types = Object.keys(modelTypes);
const encoders = ["bert", "big_bird", "longformer", "roberta"];
const encoderDecoders = ["bart", "bigbird_pegasus", "led"];

/** Loading fails with this message, on one line, and nothing stays allocated. */
async function expectRefused(
	modelType: string,
	task: Task,
	message: RegExp | string,
	options: Partial<TinyModelOptions> = {},
): Promise<void> {
	const { buffers, liveBytes } = device.memoryStats();
	const error = await loadTiny(modelType, task, { device, ...options }).then(
		() => new Error("it was loaded"),
		(reason: Error) => reason,
	);
	expect(error.message).toMatch(message);
	expect(error).toBeInstanceOf(OptionError);
	expect(error.message).not.toContain("\n");
	expect(error.message.length).toBeLessThan(1000);
	expect(device.memoryStats()).toMatchObject({ buffers, liveBytes });
}

/** Fields that change what a model computes, with a value that is not supported, and where. */
const fields: readonly (readonly [field: string, value: unknown, modelTypes: readonly string[]])[] = [
	["foo", 1, types],
	["rope_theta", 10000, types],
	["quantization_config", { bits: 4 }, types],
	["position_embedding_type", "relative_key_query", types],
	["attention_type", "weird", types],
	["attention_type", 3, types],
	["add_cross_attention", true, types],
	["tie_encoder_decoder", true, types],
	["pruned_heads", { 1: [0] }, types],
	["is_encoder_decoder", true, [...encoders, "reformer"]],
	["is_encoder_decoder", false, encoderDecoders],
	["is_decoder", true, [...encoders, ...encoderDecoders]],
	["is_decoder", "yes", types],
	["tie_word_embeddings", false, encoderDecoders],
	["tie_word_embeddings", true, ["reformer"]],
	["vocab_size", 0, types],
	["vocab_size", 1.5, types],
	["vocab_size", "30", types],
	["vocab_size", 1e12, types],
	["pad_token_id", -1, types],
	["hidden_act", "weird", [...encoders, "reformer"]],
	["hidden_act", 3, [...encoders, "reformer"]],
	["activation_function", "toString", encoderDecoders],
	["layer_norm_eps", -1, [...encoders, "reformer"]],
	["num_attention_heads", 5, encoders],
	["num_hidden_layers", 1e9, [...encoders, "reformer"]],
	["encoder_attention_heads", 5, encoderDecoders],
	["decoder_layers", 1e9, encoderDecoders],
	["hidden_dropout_prob", 2, [...encoders, "reformer"]],
	["dropout", -0.1, encoderDecoders],
	["attention_window", 7, ["longformer", "led"]],
	["attention_window", [8], ["longformer", "led"]],
	["attention_window", [8, 16, 8], ["longformer", "led"]],
	["attention_window", [8, null], ["longformer", "led"]],
	["block_size", 0, ["big_bird", "bigbird_pegasus"]],
	["num_random_blocks", -1, ["big_bird", "bigbird_pegasus"]],
	["attention_mode", "tvm", ["longformer"]],
	["autoregressive", true, ["longformer"]],
	["normalize_before", true, ["bart"]],
	["attn_layers", ["lsh", "full"], ["reformer"]],
	["num_buckets", 7, ["reformer"]],
	["axial_pos_embds_dim", [8, 8], ["reformer"]],
	["lsh_attn_chunk_length", 0, ["reformer"]],
];

describe.each(types)("config.json of %s", (modelType) => {
	const own = fields.filter(([, , where]) => where.includes(modelType));
	it.each(own)("is refused with %s: %j", (field, value) =>
		expectRefused(modelType, "base", `"${field}"`, { config: { ...tinyConfig(modelType, "base"), [field]: value } }),
	);

	it("may say null, and what has no effect", async () => {
		const config = {
			...tinyConfig(modelType, "base"),
			...{ foo: null, torch_dtype: "float16", transformers_version: "5.0.0", use_cache: false, num_beams: 4 },
		};
		(await loadTiny(modelType, "base", { device, config })).dispose();
	});

	it("has every field that is wrong named", () =>
		expectRefused(modelType, "base", /"foo", "bar" are no fields that "?\w+"? supports here/, {
			config: { ...tinyConfig(modelType, "base"), foo: 1, bar: 2 },
		}));

	it("has a class for the task, or the tasks that have one are named", async () => {
		const all: Task[] = ["masked-lm", "causal-lm", "seq2seq-lm", "token-classification", "multiple-choice"];
		for (const task of all.filter((each) => !modelTypes[modelType]?.classes[each]))
			await expectRefused(modelType, task, `${modelType} has no class for "${task}"; expected one of base`, {
				config: tinyConfig(modelType, "base"),
				weights: tinyWeights(modelType, "base"),
			});
	});
});

it.each([undefined, null, 7, "", "gpt2", "__proto__", "constructor", "Longformer"])(
	"refuses model_type %j",
	(model_type) =>
		expectRefused("bert", "base", /config\.json has model_type .*; expected bart, bert, big_bird, .*roberta/, {
			config: { ...tinyConfig("bert", "base"), model_type },
		}),
);

/** A source that differs in one weight. */
function changed(source: WeightSource, name: string, shape: readonly number[] | undefined): WeightSource {
	return {
		...source,
		names: source.names.filter((each) => shape || each !== name),
		shapeOf: (each) => (each === name ? shape : source.shapeOf(each)),
	};
}

describe.each(allClasses)("a checkpoint of %s", (_name, modelType, task) => {
	const weights = tinyWeights(modelType, task);
	const needed = neededWeights(modelType, task);

	it("is refused without any one of its weights, with the remedy", async () => {
		for (const name of [needed[0], needed[needed.length >> 1], needed.at(-1)] as string[])
			await expectRefused(
				modelType,
				task,
				`tiny: "${name}" is missing; load the checkpoint as the class it was saved as, or give drawMissing`,
				{ weights: changed(weights, name, undefined) },
			);
	});

	it("is refused with a weight of another shape", async () => {
		for (const name of [weights.names[0], weights.names.at(-1)] as string[]) {
			const shape = weights.shapeOf(name) as readonly number[];
			for (const other of [[...shape, 1], shape.map((size) => size + 1), [2 ** 20, 2 ** 20]]) {
				await expectRefused(modelType, task, `tiny: "${name}" has shape [${other.join(", ")}]; expected [`, {
					weights: changed(weights, name, other),
				});
			}
		}
	});

	it("is completed with new weights if asked for, and says which", async () => {
		const name = needed.at(-1) as string;
		const model = await loadTiny(modelType, task, {
			...{ device, weights: changed(weights, name, undefined), drawMissing: 1 },
		});
		expect(model.drawn).toEqual([name]);
		expect(model.unused).toEqual([]);
		model.dispose();
	});
});

describe.each(allClasses.filter(([, , task]) => task === "sequence-classification"))(
	"a head for another task: %s",
	(_name, modelType, task) => {
		it("is named, and drawn anew if asked for", async () => {
			const weights = tinyWeights(modelType, "base");
			await expectRefused(modelType, task, /"classif\w*\.[\w.]+".* (is|are) missing; load the checkpoint as/, {
				weights,
			});
			const model = await loadTiny(modelType, task, { device, weights, drawMissing: 3 });
			expect(model.drawn.length).toBeGreaterThan(1);
			model.dispose();
		});

		it.each([
			["id2label", ["a", "b", "c"], /"id2label" is .*; expected names by index/],
			["id2label", { 0: "a", 2: "c", 3: "d" }, /expected names for the indices from 0 on, without a gap/],
			["id2label", { 0: "a", 1: "b" }, /"num_labels" is 3; expected 2, as many as id2label names/],
			["num_labels", 0, /"num_labels" is 0/],
			["num_labels", 1e9, /"num_labels" is 1000000000; expected at most/],
			["num_labels", 4, /has shape \[3(, \d+)?\]; expected \[4/],
		])("of other classes is refused: %s %j", (field, value, message) =>
			expectRefused(modelType, task, message, { config: { ...tinyConfig(modelType, task), [field]: value } }),
		);
	},
);

it("says of a model that was disposed what to do", async () => {
	const model = await loadTiny("bart", "seq2seq-lm", { device });
	const inputIds = intTensor([4, 2], [1, 2]);
	model.dispose();
	for (const act of [
		() => model.forward({ inputIds, decoderInputIds: inputIds }),
		() => model.startDecoding({ inputIds }),
		() => model.weights(),
	])
		expect(act).toThrow(/BartForConditionalGeneration: this model was disposed; load it again/);
});

describe("untied scores", () => {
	it.each(encoders)("of %s need weights of their own", async (modelType) => {
		const config = { ...tinyConfig(modelType, "masked-lm"), tie_word_embeddings: false };
		await expectRefused(modelType, "masked-lm", /decoder\.weight".* missing/, { config });
	});
});

describe("files", () => {
	const files = async (contents: Record<string, string>) => {
		const all = memoryFiles({ "config.json": JSON.stringify(tinyConfig("bert", "base")) });
		await saveWeights(all, tinyWeights("bert", "base"));
		for (const [path, content] of Object.entries(contents)) all.contents.set(path, new TextEncoder().encode(content));
		return all;
	};

	it.each([
		["[]", /config\.json/],
		["null", /config\.json/],
		['"bert"', /config\.json/],
		["{", /config\.json: it is no JSON/],
	])("refuses a config.json that is %s", async (content, message) => {
		const before = device.memoryStats().buffers;
		const loading = AutoModel.fromPretrained(await files({ "config.json": content }), { device });
		const error = await loading.catch((reason: Error) => reason);
		expect(error).toBeInstanceOf(OptionError);
		expect((error as Error).message).toMatch(message);
		expect(device.memoryStats().buffers).toBe(before);
	});

	it.each(["[]", "7"])("refuses a generation_config.json that is %s", async (content) => {
		const loading = AutoModel.fromPretrained(await files({ "generation_config.json": content }), { device });
		await expect(loading).rejects.toThrow(/generation_config\.json/);
	});
});

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, intTensor, OptionError, ShapeError, scope, slice, type Tensor } from "../../index.js";
import { expectAllClose } from "../../testing/expect-close.js";
import { formulaWeights } from "../../testing/formula-weights.js";
import { itRefuses } from "../../testing/refusals.js";
import type { Architecture } from "../architecture.js";
import type { ModelType } from "../auto/model-type.js";
import { bartType } from "../bart/index.js";
import { bigBirdPegasusType } from "../big-bird-pegasus/index.js";
import { ConfigFields, type ConfigJson } from "../config/config-fields.js";
import { ledType } from "../led/index.js";
import type { Declared, Loaded } from "../parameters/declare.js";
import { loadParameters } from "../parameters/load.js";
import type { ReadingInputs } from "./model.js";

interface FixtureCase {
	readonly class: string;
	readonly config: ConfigJson;
	readonly inputs: { readonly [name: string]: readonly (readonly number[])[] };
	/** Of long outputs, the first positions are stored. */
	readonly outputs: { readonly [name: string]: { readonly shape: number[]; readonly values: number[] } };
}

const cases: readonly FixtureCase[] = JSON.parse(
	readFileSync(new URL("huggingface-fixture.json", import.meta.url), "utf8"),
).cases;
const types: Readonly<Record<string, ModelType>> = {
	bart: bartType,
	led: ledType,
	bigbird_pegasus: bigBirdPegasusType,
};

// biome-ignore lint/suspicious/noExplicitAny: classes differ in their outputs
type AnyArchitecture = Architecture<ReadingInputs, any>;

function open(name: string, config: ConfigJson): AnyArchitecture {
	const type = types[config.model_type as string] as ModelType;
	const found = Object.values(type.classes).find((candidate) => candidate.name === name);
	const fields = new ConfigFields("config.json", config);
	const architecture = found?.create(fields) as AnyArchitecture;
	fields.ignore("num_labels");
	type.maxLength(fields);
	fields.finish();
	return architecture;
}

async function load(architecture: AnyArchitecture, device: Device): Promise<Loaded<Declared>> {
	const weights = formulaWeights(architecture.declared);
	return (await loadParameters(architecture.declared, weights, { device, format: "float32", prefix: "model." }))
		.parameters;
}

const matrix = (rows: readonly (readonly number[])[]) =>
	intTensor(rows.flat(), [rows.length, rows[0]?.length as number]);

/** The names of the case's outputs, as this library has them. */
const outputNames: Readonly<
	Record<string, (outputs: Record<string, Tensor & readonly Tensor[]>) => Tensor | undefined>
> = {
	logits: ({ logits }) => logits,
	start_logits: ({ startLogits }) => startLogits,
	end_logits: ({ endLogits }) => endLogits,
	last_hidden_state: ({ lastHiddenState }) => lastHiddenState,
	encoder_last_hidden_state: ({ encoderLastHiddenState }) => encoderLastHiddenState,
	"encoder_hidden_states.0": ({ encoderHiddenStates }) => encoderHiddenStates?.[0],
};

describe.each([
	["wasm", () => init({ device: "wasm", threads: 2 })],
	["reference", () => init({ device: "reference" })],
] as const)("classes of encoder–decoders on %s", (_, start) => {
	let device: Device;
	beforeAll(async () => {
		device = await start();
	});
	afterAll(() => device.dispose());

	it.each(cases)("$class gives what transformers gives", async ({ class: name, config, inputs, outputs }) => {
		const architecture = open(name, config);
		const parameters = await load(architecture, device);
		scope(() => {
			const { input_ids, attention_mask, global_attention_mask, decoder_input_ids, decoder_attention_mask } = inputs;
			const found = architecture.forward(
				parameters,
				{
					inputIds: matrix(input_ids as number[][]),
					attentionMask: attention_mask && matrix(attention_mask),
					globalAttentionMask: global_attention_mask && matrix(global_attention_mask),
					...(decoder_input_ids && { decoderInputIds: matrix(decoder_input_ids) }),
					decoderAttentionMask: decoder_attention_mask && matrix(decoder_attention_mask),
				},
				{ outputHiddenStates: true },
			);
			expect(Object.keys(outputs).length).toBeGreaterThan(0);
			for (const [output, { shape, values }] of Object.entries(outputs)) {
				const whole = outputNames[output]?.(found) as Tensor;
				const stored = slice(whole, 1, 0, shape[1] as number);
				expect(stored.shape).toEqual(shape);
				expectAllClose(stored.dataSync(), values, { relative: 2e-5, absolute: 2e-5 }, (at) => `${output}[${at}]`);
			}
		});
	});
});

describe("inputs of encoder–decoders", () => {
	let device: Device;
	const { config } = cases.find(({ class: name }) => name === "BartForSequenceClassification") as FixtureCase;
	const classifier = open("BartForSequenceClassification", config);
	let parameters: Loaded<Declared>;
	beforeAll(async () => {
		device = await init({ device: "wasm", threads: 1 });
		parameters = await load(classifier, device);
	});
	afterAll(() => device.dispose());
	const run = (inputs: object) => classifier.forward(parameters, inputs as ReadingInputs);
	const ended = () => matrix([[4, 5, 2]]);

	itRefuses(
		() => device,
		[
			[
				"a text without its end token",
				() => run({ inputIds: matrix([[4, 5]]) }),
				OptionError,
				/text 0 has no end token, 2/,
			],
			[
				"too long a text",
				() => run({ inputIds: matrix([Array(25).fill(4)]) }),
				OptionError,
				/25 tokens; expected at most 24/,
			],
			[
				"too long a text of the decoder",
				() => run({ inputIds: ended(), decoderInputIds: matrix([Array(25).fill(4)]) }),
				ShapeError,
				/25 tokens; expected at most 24/,
			],
			[
				"another number of texts in the decoder",
				() =>
					run({
						inputIds: ended(),
						decoderInputIds: matrix([
							[1, 2, 3],
							[1, 2, 3],
						]),
					}),
				ShapeError,
				/decoderInputIds has shape \[2, 3\]; expected 1 rows/,
			],
			[
				"a decoder mask of another shape",
				() => run({ inputIds: ended(), decoderAttentionMask: matrix([[1]]) }),
				ShapeError,
				/decoderAttentionMask has shape \[1, 1\]; expected \[1, 3\]/,
			],
			[
				"a decoder text of another length to classify",
				() => run({ inputIds: ended(), decoderInputIds: matrix([[1, 2]]) }),
				ShapeError,
				/a classifier needs equal lengths/,
			],
			[
				"a mask of other values",
				() => run({ inputIds: ended(), decoderAttentionMask: matrix([[1, 7, 1]]), decoderInputIds: ended() }),
				OptionError,
				/decoderAttentionMask holds 7; expected 1 for tokens and 0 for padding/,
			],
			[
				"types of tokens",
				() => run({ inputIds: ended(), tokenTypeIds: matrix([[0, 0, 0]]) }),
				OptionError,
				/tokenTypeIds is no input of this model; expected inputIds, attentionMask/,
			],
			[
				"an id that is no token",
				() => run({ inputIds: matrix([[4, 40, 2]]) }),
				OptionError,
				/hold 40; expected 0 to 39/,
			],
			[
				"attention probabilities",
				() => classifier.forward(parameters, { inputIds: ended() }, { outputAttentions: true }),
				OptionError,
				/outputAttentions is true/,
			],
		],
	);

	it("reads a text that ends twice at its last end", () => {
		scope(() => {
			const logits = (ids: number[]) => run({ inputIds: matrix([ids]) }).logits as Tensor;
			const [twice, once] = [logits([4, 2, 5, 2]).dataSync(), logits([4, 6, 5, 2]).dataSync()];
			expect(twice).not.toEqual(once);
			const padded = run({ inputIds: matrix([[4, 2, 5, 2, 1]]), attentionMask: matrix([[1, 1, 1, 1, 0]]) }).logits;
			expectAllClose((padded as Tensor).dataSync(), twice, { relative: 1e-5, absolute: 1e-6 });
		});
	});
});

describe("configurations of encoder–decoders", () => {
	const small = cases[0]?.config as ConfigJson;
	it.each([
		["normalize_before", true, /"normalize_before" is true; expected false, the only one supported/],
		["add_final_layer_norm", true, /add_final_layer_norm/],
		["is_encoder_decoder", false, /is_encoder_decoder/],
		["tie_word_embeddings", false, /tie_word_embeddings/],
		["encoder_attention_heads", 3, /"encoder_attention_heads" is 3; expected a divisor of d_model, 16/],
		["encoder_layers", 1025, /"encoder_layers" is 1025; expected at most 1024/],
		["pad_token_id", 40, /"pad_token_id" is 40; expected a token below vocab_size, 40/],
		["relative_attention", true, /"relative_attention" is no field/],
	])("refuses %s %j", (field, value, message) => {
		expect(() => open("BartModel", { ...small, [field]: value })).toThrow(message);
	});

	it.each([[7], [[4]], [[4, 0]], ["8"]])("refuses windows %j of an LED with two layers", (attention_window) => {
		const { scale_embedding: _, max_position_embeddings: __, ...shared } = small;
		expect(() => open("LEDModel", { ...shared, model_type: "led", attention_window })).toThrow(/attention_window/);
	});

	it("takes a checkpoint whose table of tokens has the name of a part, and no bias of scores", async () => {
		const device = await init({ device: "wasm", threads: 1 });
		const architecture = open("BartForConditionalGeneration", small);
		const all = formulaWeights(architecture.declared);
		const alias = "model.decoder.embed_tokens.weight";
		const names = [...all.names.filter((name) => !/shared|final_logits/.test(name)), alias];
		const weights = {
			...all,
			names,
			shapeOf: (name: string) =>
				name === alias ? [40, 16] : /shared|final_logits/.test(name) ? undefined : all.shapeOf(name),
			read: async (name: string, begin: number, end: number) =>
				all.read(name === alias ? "model.shared.weight" : name, begin, end),
		};
		const { parameters, unused, drawn } = await loadParameters(architecture.declared, weights, {
			device,
			format: "float32",
			prefix: "model.",
		});
		expect([unused, drawn]).toEqual([[], []]);
		const { bias } = parameters as unknown as { bias: Tensor };
		expect(bias.dataSync()).toEqual(new Float32Array(40));
		device.dispose();
	});
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionError } from "../../errors.js";
import { init } from "../../init.js";
import { intTensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { expectClose } from "../../testing/conformance/expect-close.js";
import { formulaCheckpoint, tinyEncoder } from "../../testing/formula-checkpoint.js";
import { memoryFiles } from "../../testing/memory-files.js";
import type { EncoderInputs } from "../architecture.js";
import { modelFromCheckpoint } from "../auto/from-pretrained.js";
import type { OpenCheckpoint } from "../auto/load-model.js";
import { readCheckpoint } from "../auto/open-checkpoint.js";
import { saveCheckpoint } from "../auto/save-pretrained.js";
import type { ConfigJson } from "../config/config-fields.js";
import type { Task } from "../tasks.js";
import { lengthenCheckpoint } from "./lengthen-checkpoint.js";
import type { LengthenOptions } from "./options.js";

const configs: Record<string, ConfigJson> = {
	roberta: { ...tinyEncoder, model_type: "roberta", pad_token_id: 1, max_position_embeddings: 18 },
	bert: { ...tinyEncoder, model_type: "bert", pad_token_id: 0 },
};
const short = (type: string, task: Task, more: ConfigJson = {}) =>
	formulaCheckpoint(task, { ...configs[type], ...more });

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

/** Every output of a checkpoint that both classes have, as numbers. */
async function run(checkpoint: OpenCheckpoint, task: Task, inputs: EncoderInputs): Promise<Record<string, number[]>> {
	const model = await modelFromCheckpoint(task, checkpoint, { device });
	expect(model.unused).toEqual([]);
	const outputs = scope(() => model.forward(inputs as never)) as unknown as Record<string, Tensor | undefined>;
	const found: Record<string, number[]> = {};
	for (const [name, output] of Object.entries(outputs)) if (output) found[name] = [...(await output.data())];
	model.dispose();
	return found;
}

/** Two texts of the old length, the second padded. */
function texts(padId: number, marks: { globals?: number | undefined; choices?: boolean } = {}) {
	const length = 16;
	const ids = Array.from({ length: 2 * length }, (_, index) => (index < 27 ? 3 + ((index * 7) % 50) : padId));
	const shape = marks.choices ? [1, 2, length] : [2, length];
	const { globals } = marks;
	return {
		inputIds: intTensor(ids, shape, device),
		attentionMask: intTensor(
			ids.map((id) => Number(id !== padId)),
			shape,
			device,
		),
		...(globals !== undefined && {
			globalAttentionMask: intTensor(
				ids.map((_, at) => Number(at % length < globals)),
				shape,
				device,
			),
		}),
	};
}

/** What of an output of both texts is of their 27 tokens: in rows of padding each class leaves something else. */
function ofTokens(values: readonly number[]): readonly number[] {
	return values.length % 32 === 0 ? values.slice(0, (27 * values.length) / 32) : values;
}

const window = { to: "longformer", length: 40, window: 32 } as const;
const blocks = { to: "big_bird", length: 64, blockSize: 8, randomBlocks: 1 } as const;

describe.each<[string, Task, LengthenOptions, string]>([
	["roberta", "base", window, "LongformerModel"],
	["roberta", "masked-lm", window, "LongformerForMaskedLM"],
	["roberta", "sequence-classification", window, "LongformerForSequenceClassification"],
	["roberta", "token-classification", window, "LongformerForTokenClassification"],
	["roberta", "question-answering", window, "LongformerForQuestionAnswering"],
	["roberta", "multiple-choice", window, "LongformerForMultipleChoice"],
	["bert", "base", window, "LongformerModel"],
	["bert", "masked-lm", window, "LongformerForMaskedLM"],
	["bert", "sequence-classification", window, "LongformerForSequenceClassification"],
	["bert", "question-answering", window, "LongformerForQuestionAnswering"],
	["roberta", "base", blocks, "BigBirdModel"],
	["roberta", "masked-lm", blocks, "BigBirdForMaskedLM"],
	["bert", "base", blocks, "BigBirdModel"],
	["bert", "masked-lm", blocks, "BigBirdForMaskedLM"],
	["bert", "token-classification", blocks, "BigBirdForTokenClassification"],
	["bert", "multiple-choice", blocks, "BigBirdForMultipleChoice"],
])("%s for %s, lengthened to %o", (type, task, options, className) => {
	it("is the same function of short texts, and takes long ones", async () => {
		const old = short(type, task);
		const long = lengthenCheckpoint(old, options);
		expect(long).toMatchObject({ className, unused: [], config: { architectures: [className] } });
		const padId = type === "bert" ? 0 : 1;
		const choices = task === "multiple-choice";
		const globalCounts = options.to === "longformer" ? [0, 2, 16] : [undefined];
		for (const globals of globalCounts) {
			const given = texts(padId, { globals, choices });
			const { globalAttentionMask: _, ...plain } = given as EncoderInputs;
			const [expected, found] = [await run(old, task, plain), await run(long, task, given)];
			expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
			for (const [name, values] of Object.entries(expected))
				expectClose(name, ofTokens(found[name] as number[]), ofTokens(values), 1e-4);
		}
		const ids = Array.from({ length: options.length }, (_, index) => 3 + ((index * 5) % 50));
		const shape = choices ? [1, 1, options.length] : [1, options.length];
		const longest = await run(long, task, {
			inputIds: intTensor(ids, shape, device),
			...(options.to === "longformer" && {
				globalAttentionMask: intTensor(new Int32Array(options.length), shape, device),
			}),
		});
		expect(longest.lastHiddenState?.every(Number.isFinite)).toBe(true);
	});
});

it("repeats the positions, read piece by piece, and copies the global projections", async () => {
	const old = short("roberta", "masked-lm");
	const long = lengthenCheckpoint(old, { to: "longformer", length: 37, window: 4 });
	const name = "embeddings.position_embeddings.weight";
	const table = await old.weights.read(`roberta.${name}`, 0, 18 * 12);
	const [own, dim] = [`longformer.${name}`, 12];
	expect(long.weights.shapeOf(own)).toEqual([39, dim]);
	const whole = await long.weights.read(own, 0, 39 * dim);
	for (let row = 0; row < 39; row++) {
		const from = row < 2 ? row : 2 + ((row - 2) % 16);
		expect(whole.slice(row * dim, (row + 1) * dim), `row ${row}`).toEqual(table.slice(from * dim, (from + 1) * dim));
	}
	for (const [begin, end] of [
		[0, 30],
		[5, 7],
		[200, 300],
		[215, 468],
		[468, 468],
	] as const)
		expect(await long.weights.read(own, begin, end)).toEqual(whole.slice(begin, end));
	const attention = "encoder.layer.1.attention.self";
	expect(await long.weights.read(`longformer.${attention}.key_global.weight`, 0, 144)).toEqual(
		await old.weights.read(`roberta.${attention}.key.weight`, 0, 144),
	);
	await expect(long.weights.read(own, 0, 469)).rejects.toThrow(/has 468 elements; expected a range in it/);
});

it("is saved and opened again as it is, labels and all", async () => {
	const labels = { id2label: { 0: "no", 1: "yes", 2: "maybe" }, label2id: { no: 0, yes: 1, maybe: 2 } };
	const old = short("roberta", "sequence-classification", { ...labels, torch_dtype: "float16", eos_token_id: 2 });
	const long = lengthenCheckpoint(old, window);
	const files = memoryFiles();
	await saveCheckpoint(long, files);
	const again = await readCheckpoint(files);
	expect(again.config).toMatchObject({
		...labels,
		...{ model_type: "longformer", max_position_embeddings: 42, attention_window: [32, 32], sep_token_id: 2 },
		dtype: "float32",
	});
	expect(again.config).not.toHaveProperty("torch_dtype");
	expect([...again.weights.names].sort()).toEqual([...long.weights.names].sort());
	const inputs = texts(1);
	expect(await run(again, "sequence-classification", inputs)).toEqual(
		await run(long, "sequence-classification", inputs),
	);
});

it("takes a class that is not known here as the one its weights are enough for", () => {
	const old = short("bert", "masked-lm");
	const names = [...old.weights.names, "cls.seq_relationship.weight"];
	const shapeOf = (name: string) => old.weights.shapeOf(name) ?? (names.includes(name) ? [2, 12] : undefined);
	const pretraining = {
		...old,
		config: { ...old.config, architectures: ["BertForPreTraining"] },
		weights: { ...old.weights, names, shapeOf },
	};
	expect(lengthenCheckpoint(pretraining, window)).toMatchObject({
		className: "LongformerForMaskedLM",
		from: "BertForMaskedLM",
		unused: ["cls.seq_relationship.weight"],
	});
});

describe("refuses", () => {
	it.each<[string, () => unknown, RegExp]>([
		[
			"other kinds of models",
			() => lengthenCheckpoint({ ...short("bert", "base"), config: { ...configs.bert, model_type: "gpt2" } }, window),
			/model_type "gpt2"; expected "bert" or "roberta"/,
		],
		[
			"what has no place in the new head",
			() => lengthenCheckpoint(short("roberta", "sequence-classification"), blocks),
			/RobertaForSequenceClassification cannot become a model of "big_bird"/,
		],
		[
			"another activation in the head",
			() => lengthenCheckpoint(short("bert", "masked-lm", { hidden_act: "relu" }), window),
			/hidden_act is "relu"/,
		],
		[
			"a length that is no longer",
			() => lengthenCheckpoint(short("roberta", "base"), { ...window, length: 16 }),
			/more than the 16/,
		],
		[
			"an odd window",
			() => lengthenCheckpoint(short("bert", "base"), { ...window, window: 5 }),
			/window is 5; expected an even/,
		],
		[
			"blocks that do not fit",
			() => lengthenCheckpoint(short("bert", "base"), { ...blocks, blockSize: 7 }),
			/divisor of length, 64/,
		],
		[
			"options of the other kind",
			() => lengthenCheckpoint(short("bert", "base"), { ...blocks, window: 8 }),
			/window is given with to: "big_bird"/,
		],
		[
			"an unknown option",
			() => lengthenCheckpoint(short("bert", "base"), { ...blocks, windows: 8 } as never),
			/windows is no option/,
		],
		[
			"unknown fields",
			() => lengthenCheckpoint(short("bert", "base", { rope_theta: 1 }), blocks),
			/"rope_theta" is no field/,
		],
		[
			"missing weights",
			() => {
				const { weights, ...rest } = short("bert", "base");
				const shapeOf = (name: string) => (name.includes("layer.1.output") ? undefined : weights.shapeOf(name));
				return lengthenCheckpoint({ ...rest, weights: { ...weights, shapeOf } }, window);
			},
			/"bert.encoder.layer.1.output.dense.weight" is missing, and 3 more/,
		],
	])("%s", (_, act, message) => {
		expect(act).toThrow(OptionError);
		expect(act).toThrow(message);
	});
});

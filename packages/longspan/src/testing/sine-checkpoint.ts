import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { toFloat } from "../ops/to-float.js";
import type { ModelType } from "../pretrained/auto/model-type.js";
import { ConfigFields, type ConfigJson } from "../pretrained/config/config-fields.js";
import { readLabels } from "../pretrained/config/labels.js";
import { causalLanguageLoss, classificationLoss, spanLoss, tokenLoss } from "../pretrained/losses/index.js";
import { loadParameters } from "../pretrained/parameters/load.js";
import { disposeParameters } from "../pretrained/parameters/parameters.js";
import type { WeightSource } from "../pretrained/parameters/weight-source.js";
import type { LogitsOutputs, SpanOutputs, Task } from "../pretrained/tasks.js";
import { intTensor, tensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import { sizeOf } from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { expectClose } from "./conformance/expect-close.js";

type Nested = number | readonly Nested[];

/** A class with weights by a formula of their names, inputs, and what another implementation made of them. */
export interface SineCase {
	readonly class: string;
	readonly config: ConfigJson;
	/** Shapes by name. */
	readonly weights: { readonly [name: string]: readonly number[] };
	readonly inputs: { readonly [argument: string]: Nested };
	readonly outputs: { readonly [output: string]: { readonly shape: readonly number[]; readonly values: number[] } };
}

export function readSineCases(file: URL): readonly SineCase[] {
	return JSON.parse(readFileSync(file, "utf8")).cases;
}

/** sin(0.7 i + 0.013 i² + sum of the codes of the name), 0.4 times; biases 0.1 times; norms 0.2 times around 1. */
function sineWeights(name: string, size: number): Float32Array {
	const shift = [...name].reduce((sum, character) => sum + (character.codePointAt(0) as number), 0);
	const wave = (i: number) => Math.sin(0.7 * i + 0.013 * i * i + shift);
	const isNorm = /(norm|LayerNorm)\.weight$/.test(name);
	return Float32Array.from({ length: size }, (_, i) =>
		isNorm ? 1 + 0.2 * wave(i) : (name.endsWith("bias") ? 0.1 : 0.4) * wave(i),
	);
}

export function sineSource({ class: name, weights }: SineCase): WeightSource {
	return {
		location: name,
		names: Object.keys(weights),
		shapeOf: (weight) => (Object.hasOwn(weights, weight) ? weights[weight] : undefined),
		read: async (weight, begin, end) =>
			sineWeights(weight, sizeOf(weights[weight] as readonly number[])).slice(begin, end),
	};
}

/** Runs every case and compares every output and loss. */
export function itEqualsSineCases(type: ModelType, cases: readonly SineCase[], device: () => Device): void {
	const named = cases.map((test) => [`${test.class}: ${Object.keys(test.outputs)}`, test] as const);
	it.each(named)("gives what another implementation gave: %s", async (_name, test) => {
		const [task, modelClass] = Object.entries(type.classes).find(([, { name }]) => name === test.class) as [
			Task,
			NonNullable<(typeof type.classes)[Task]>,
		];
		const before = device().memoryStats().buffers;
		const fields = new ConfigFields(test.class, test.config);
		const architecture = modelClass.create(fields);
		readLabels(fields);
		type.maxLength(fields);
		fields.ignore("problem_type");
		fields.finish();
		const { parameters, unused } = await loadParameters(architecture.declared, sineSource(test), {
			...{ device: device(), format: "float32", prefix: type.prefix },
		});
		scope(() => {
			const ids = (argument: string) =>
				test.inputs[argument] && (nestedTensor(test.inputs[argument]) as Tensor<"int32">);
			const outputs = architecture.forward(parameters, {
				inputIds: ids("input_ids"),
				attentionMask: ids("attention_mask"),
				tokenTypeIds: ids("token_type_ids"),
				globalAttentionMask: ids("global_attention_mask"),
			});
			for (const [output, { shape, values }] of Object.entries(test.outputs)) {
				const camel = output.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
				const found: Tensor = output === "loss" ? lossOf(task, test, outputs) : outputs[camel];
				expect(found.shape).toEqual(shape);
				expectClose(output, ...realRows(found.dataSync(), values, shape, test), 2e-5);
			}
		});
		disposeParameters(parameters);
		// What the class of the other implementation has and does not use, either.
		expect(unused.filter((name) => !/pooler|lm_head\.bias/.test(name))).toEqual([]);
		expect(device().memoryStats().buffers).toBe(before);
	});
}

/** Leaves out what belongs to padding. */
function realRows(found: ArrayLike<number>, expected: number[], shape: readonly number[], { inputs }: SineCase) {
	const mask = [inputs.attention_mask].flat(3) as number[];
	const row = expected.length / mask.length;
	const perToken = shape.length >= 2 && Number.isInteger(row);
	const isReal = (_: number, at: number) => !perToken || mask[Math.floor(at / row)] === 1;
	return [Array.from(found).filter(isReal), expected.filter(isReal)] as const;
}

function lossOf(task: Task, { inputs }: SineCase, outputs: LogitsOutputs & SpanOutputs): Tensor {
	const labels = <T extends AnyTensor = Tensor<"int32">>(name: string) => nestedTensor(inputs[name] as Nested) as T;
	if (task === "question-answering") return spanLoss(outputs, labels("start_positions"), labels("end_positions"));
	if (task === "sequence-classification") {
		const given = labels<AnyTensor>("labels");
		// A label for each class: JSON does not tell 1.0 from 1.
		return classificationLoss(outputs.logits, given.rank === 2 ? toFloat(given as Tensor<"int32">) : given);
	}
	return (task === "causal-lm" ? causalLanguageLoss : tokenLoss)(outputs.logits, labels("labels"));
}

/** Integers as int32, lists that hold any other number as float32. */
function nestedTensor(nested: Nested): AnyTensor {
	const shape: number[] = [];
	for (let part = nested; typeof part === "object"; part = part[0] as Nested) shape.push(part.length);
	const values = [nested].flat(4) as number[];
	return values.every(Number.isInteger) ? intTensor(values, shape) : tensor(values, shape);
}

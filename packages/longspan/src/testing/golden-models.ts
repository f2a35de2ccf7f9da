import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { loadModel } from "../pretrained/auto/load-model.js";
import { ConfigFields, type ConfigJson } from "../pretrained/config/config-fields.js";
import type { PretrainedModel } from "../pretrained/model.js";
import type { LoadOptions } from "../pretrained/parameters/load.js";
import type { WeightSource } from "../pretrained/parameters/weight-source.js";
import type { Task } from "../pretrained/tasks.js";
import { intTensor, tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

/** Checkpoints with the outputs of another implementation; not part of this project. */
const root = new URL("../../../../../shared/golden/", import.meta.url);

/** Whether the golden data are there. */
export const goldenModelsPresent = existsSync(root);

/** Where the files of a golden case are. */
export function goldenFolder(folder: string): URL {
	return new URL(`${folder}/`, root);
}

/** An output of a golden call: which tensor holds it, and what is compared how closely. */
export interface GoldenOutput {
	readonly tensor: string;
	readonly shape: readonly number[];
	readonly positions: string | null;
	readonly compare_where: string | null;
	readonly rtol: number;
	readonly atol: number;
}

/** A forward call of a golden case. */
export interface GoldenCall {
	readonly note: string;
	readonly args: { readonly [argument: string]: string };
	readonly kwargs: { readonly [argument: string]: unknown };
	readonly outputs: { readonly [output: string]: GoldenOutput };
	// biome-ignore lint/suspicious/noExplicitAny: further entries differ by model
	readonly [more: string]: any;
}

interface Stored {
	readonly shape: readonly number[];
	readonly values: Float32Array | Int32Array;
}

const arrays = { F32: Float32Array, I32: Int32Array } as const;

/** A safetensors file read by the plainest means, independent of the reader under test. */
function readTensors(url: URL): ReadonlyMap<string, Stored> {
	const bytes = readFileSync(url);
	const headerLength = Number(bytes.readBigUInt64LE(0));
	const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength));
	const entries = Object.entries<{ dtype: keyof typeof arrays; shape: number[]; data_offsets: [number, number] }>(
		header,
	);
	return new Map(
		entries
			.filter(([name]) => name !== "__metadata__")
			.map(([name, { dtype, shape, data_offsets: range }]) => {
				const [from, to] = range.map((offset) => 8 + headerLength + offset);
				return [name, { shape, values: new arrays[dtype](Uint8Array.from(bytes.subarray(from, to)).buffer) }];
			}),
	);
}

/** One folder of golden data. */
export class GoldenModel {
	// biome-ignore lint/suspicious/noExplicitAny: as the folder's README describes it
	readonly case: any;
	readonly config: ConfigJson;
	readonly weights: WeightSource;
	readonly #io: ReadonlyMap<string, Stored>;

	constructor(readonly folder: string) {
		const json = (name: string) => JSON.parse(readFileSync(new URL(name, goldenFolder(folder)), "utf8"));
		this.case = json("case.json");
		this.config = json("config.json");
		this.#io = readTensors(new URL("io.safetensors", goldenFolder(folder)));
		const weights = readTensors(new URL("model.safetensors", goldenFolder(folder)));
		this.weights = {
			location: `golden ${folder}`,
			names: [...weights.keys()],
			shapeOf: (name) => weights.get(name)?.shape,
			read: async (name, begin, end) => (weights.get(name) as Stored).values.slice(begin, end) as Float32Array,
		};
	}

	/** A fresh reader of config.json. */
	fields(): ConfigFields {
		return new ConfigFields(`golden ${this.folder}`, this.config);
	}

	get calls(): [name: string, call: GoldenCall][] {
		return Object.entries(this.case.inputs);
	}

	stored(name: string): Stored {
		const found = this.#io.get(name);
		if (!found) throw new Error(`${this.folder}: io.safetensors has no ${name}`);
		return found;
	}

	/** An integer argument of a call; undefined if the call has none of this name. */
	ids(call: Pick<GoldenCall, "args">, argument: string): Tensor<"int32"> | undefined {
		const name = call.args[argument];
		if (name === undefined) return undefined;
		const { values, shape } = this.stored(name);
		return intTensor(values, shape);
	}

	/** A float tensor of io.safetensors, such as rotations. */
	floats(name: string): Tensor {
		const { values, shape } = this.stored(name);
		return tensor(values, shape);
	}

	/** Compares an output in full, [batch, length, …], with what is stored of it. */
	async expectOutput(call: GoldenCall, output: string, actual: Tensor): Promise<void> {
		const { rtol, atol } = call.outputs[output] as GoldenOutput;
		let worst = { excess: 0, message: "" };
		for (const { index, found, expected } of this.compared(call, output, actual.shape, await actual.data())) {
			const difference = Math.abs(found - expected);
			const allowed = atol + rtol * Math.abs(expected);
			const excess = difference <= allowed ? 0 : difference / allowed;
			if (!(excess <= worst.excess))
				worst = { excess, message: `${output}[${index}]: ${found}, expected ${expected} ± ${allowed}` };
		}
		expect(worst.message, `${this.folder} ${call.note}`).toBe("");
	}

	/** The numbers of an output in full that are to be compared, and what is stored of them; `index` counts what is stored. */
	*compared(call: GoldenCall, output: string, actualShape: readonly number[], actual: Float32Array) {
		const expected = call.outputs[output] as GoldenOutput;
		const { values, shape } = this.stored(expected.tensor);
		const positions = expected.positions === null ? null : this.stored(expected.positions).values;
		const where = expected.compare_where === null ? null : this.stored(expected.compare_where);
		const axis = output.includes("attentions") ? 2 : 1;
		expect(actual.length % (shape.length > 0 ? (shape[0] as number) : 1), `${output}: batch`).toBe(0);
		if (!positions) expect(actualShape.filter((size) => size !== 1)).toEqual(shape.filter((size) => size !== 1));
		const strides = shape.map((_, at) => shape.slice(at + 1).reduce((a, b) => a * b, 1));
		const rowOf = (index: number, at: number) => Math.floor(index / (strides[at] as number)) % (shape[at] as number);
		const actualLength = actualShape[1] ?? 1;
		for (let index = 0; index < values.length; index++) {
			let from = index;
			let position = shape.length > axis ? rowOf(index, axis) : 0;
			const entry = shape.length > 0 ? rowOf(index, 0) : 0;
			if (positions) {
				const stored = rowOf(index, 1);
				const [width, length] = [strides[1] as number, shape[1] as number];
				from = index - entry * length * width - stored * width;
				position = positions[stored] as number;
				from += (entry * actualLength + position) * width;
			}
			if (where && where.values[entry * (where.shape[1] as number) + position] !== 1) continue;
			yield { index, found: actual[from] as number, expected: values[index] as number };
		}
	}
}

/** The folders that are checkpoints, with what each is for. */
export const goldenTasks: readonly (readonly [folder: string, task: Task])[] = [
	["bigbird-full", "masked-lm"],
	["bigbird-mlm", "masked-lm"],
	["bigbird-mlm-b64", "masked-lm"],
	["bigbird-mlm-seeded", "masked-lm"],
	["bigbird-pegasus", "seq2seq-lm"],
	["bigbird-qa", "question-answering"],
	["bigbird-seqcls", "sequence-classification"],
	["led-seq2seq", "seq2seq-lm"],
	["longformer-mlm", "masked-lm"],
	["longformer-qa", "question-answering"],
	["longformer-seqcls", "sequence-classification"],
	["longformer-tokencls", "token-classification"],
	["reformer-lm", "causal-lm"],
	["reformer-mlm", "masked-lm"],
	["reformer-seqcls", "sequence-classification"],
];

/** Loads a folder as what it is for. */
export async function loadGolden(
	{ folder, config, weights }: GoldenModel,
	{ device, format = "float32" }: Pick<LoadOptions, "device"> & Partial<Pick<LoadOptions, "format">>,
): Promise<PretrainedModel> {
	const [, task] = goldenTasks.find(([name]) => name === folder) as (typeof goldenTasks)[number];
	const file = new URL("generation_config.json", goldenFolder(folder));
	const generationConfig = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
	return loadModel(task, { location: folder, config, generationConfig, weights }, { device, format });
}

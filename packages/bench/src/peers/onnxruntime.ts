import type { Contestant } from "../contestant.js";
import { type AttentionInputs, headsInside, headsOutside } from "../inputs.js";
import { microsoftDomain, type OperatorModel, operatorModel } from "../onnx/model.js";
import type { Peer } from "./peer.js";

interface OrtTensor {
	readonly data: Float32Array;
	dispose(): void;
}

interface OrtSession {
	run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
	release(): Promise<void>;
}

/** The part of ONNX Runtime's JavaScript API, alike in its packages, that is used here. */
export interface Onnxruntime {
	readonly env: { readonly wasm: { numThreads?: number } };
	readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => OrtTensor;
	readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OrtSession> };
}

type OnnxruntimeTasks = Required<Omit<Peer, "name" | "version" | "remark" | "trainingStep">>;

/** The tasks of ONNX Runtime, each a model of one node. Attention takes [1, length, heads * headDim]. */
export function onnxruntimeTasks(name: string, ort: Onnxruntime, options: object): OnnxruntimeTasks {
	const contestant = async (
		model: OperatorModel,
		values: Readonly<Record<string, Float32Array>>,
		layOut: (values: Float32Array) => Float32Array = (same) => same,
	): Promise<Contestant> => {
		const session = await ort.InferenceSession.create(operatorModel(model), options);
		const feeds = Object.fromEntries(
			Object.entries(model.inputs).map(([input, shape]) => [
				input,
				new ort.Tensor("float32", values[input] as Float32Array, shape),
			]),
		);
		const run = async () => {
			for (const result of Object.values(await session.run(feeds))) result.dispose();
		};
		const output = async () => {
			const results = await session.run(feeds);
			const first = results[Object.keys(model.outputs)[0] as string] as OrtTensor;
			return layOut(Float32Array.from(first.data));
		};
		return { name, run, output, dispose: () => void session.release() };
	};

	const attention = (
		inputs: AttentionInputs,
		operator: Pick<OperatorModel, "operator" | "attributes">,
		moreOutputs: OperatorModel["outputs"] = {},
	) => {
		const shape = [1, inputs.length, inputs.heads * inputs.headDim];
		const { q, k, v } = inputs;
		return contestant(
			{
				...operator,
				domain: microsoftDomain,
				inputs: { q: shape, k: shape, v: shape },
				outputs: { out: shape, ...moreOutputs },
			},
			{ q: headsInside(q, inputs), k: headsInside(k, inputs), v: headsInside(v, inputs) },
			(values) => headsOutside(values, inputs),
		);
	};

	return {
		matmul({ size, a, b }) {
			const shape = [size, size];
			return contestant({ operator: "MatMul", inputs: { a: shape, b: shape }, outputs: { out: shape } }, { a, b });
		},
		denseAttention: (inputs) =>
			attention(inputs, { operator: "MultiHeadAttention", attributes: { num_heads: inputs.heads } }),
		runningState(inputs) {
			const { heads, headDim } = inputs;
			const attributes = { q_num_heads: heads, kv_num_heads: heads, update_rule: "linear", scale: { float: 1 } };
			return attention(inputs, { operator: "LinearAttention", attributes }, { state: [1, heads, headDim, headDim] });
		},
		tinyOperation: () =>
			contestant(
				{ operator: "Add", inputs: { a: [4], b: [4] }, outputs: { out: [4] } },
				{ a: new Float32Array(4), b: new Float32Array(4) },
			),
	};
}

import { encodePlans } from "../attention/plan/index.js";
import { transposeHeadPlans } from "../attention/plan/transpose.js";
import type { BufferStore, DeviceBuffer, SoftmaxAttentionKernels } from "../backends/backend.js";
import { completeCase, type DenseCase, type DenseResults, outputNames } from "./dense-attention.js";

/** Runs a case on outputs full of NaN. */
export function runAttention(
	backend: Required<BufferStore> & Pick<SoftmaxAttentionKernels, "softmaxAttention" | "softmaxAttentionGradient">,
	test: DenseCase,
): DenseResults {
	const { sizes, headPlans, scale, lengths, ...inputs } = completeCase(test);
	const buffers: DeviceBuffer[] = [];
	const create = (dtype: "float32" | "int32", length: number) => {
		const buffer = backend.createBuffer(dtype, length);
		buffers.push(buffer);
		return buffer;
	};
	const upload = (values: Float32Array | Int32Array) => {
		const buffer = create(values instanceof Int32Array ? "int32" : "float32", values.length);
		backend.write(buffer, values);
		return buffer;
	};
	try {
		const [q, k, v, dOut] = [inputs.q, inputs.k, inputs.v, inputs.dOut].map(upload) as [
			DeviceBuffer,
			DeviceBuffer,
			DeviceBuffer,
			DeviceBuffer,
		];
		const keyMask = inputs.keyMask && upload(inputs.keyMask);
		const dLogSumExp = inputs.dLogSumExp && upload(inputs.dLogSumExp);
		const outputs = Object.fromEntries(
			outputNames.map((name) => [name, upload(new Float32Array(lengths[name]).fill(Number.NaN))]),
		) as Record<keyof DenseResults, DeviceBuffer>;
		const args = { ...sizes, scale, q, k, v, keyMask, plans: encodePlans(headPlans), ...outputs };
		backend.softmaxAttention(args);
		const transposedPlans = encodePlans(transposeHeadPlans(headPlans));
		backend.softmaxAttentionGradient({ ...args, transposedPlans, dOut, dLogSumExp });
		return Object.fromEntries(
			outputNames.map((name) => [name, backend.readSync(outputs[name])]),
		) as unknown as DenseResults;
	} finally {
		for (const buffer of buffers) backend.destroyBuffer(buffer);
	}
}

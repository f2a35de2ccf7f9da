import type { Contestant } from "../contestant.js";
import { headsInside, headsOutside } from "../inputs.js";
import type { Jax, JaxArray } from "./jax-api.js";
import { jaxTrainingStep } from "./jax-training.js";
import type { PeerStart } from "./peer.js";

const name = "@jax-js/jax";

/** jax-js on its WebAssembly device, with compiled functions. */
export const startJax: PeerStart = async (module, { version }) => {
	const jax = module as Jax;
	await jax.init("wasm");
	jax.defaultDevice("wasm");
	const { numpy, nn } = jax;

	const contestant = (
		fn: (...arrays: JaxArray[]) => JaxArray,
		operands: JaxArray[],
		layOut: (values: Float32Array) => Float32Array = (same) => same,
	): Contestant => {
		const call = () => fn(...operands.map((operand) => operand.ref));
		return {
			name,
			async run() {
				const result = await call().blockUntilReady();
				result.dispose();
			},
			output: async () => layOut(await call().data()),
			dispose() {
				for (const operand of operands) operand.dispose();
			},
		};
	};

	return {
		name,
		version,
		remark: "code it generates for WebAssembly; one thread in Node; its dotProductAttention needs Node 22",
		async matmul({ size, a, b }) {
			const matrix = (values: Float32Array) => numpy.array(values).reshape([size, size]);
			return contestant(jax.jit(numpy.matmul), [matrix(a), matrix(b)]);
		},
		async denseAttention(inputs) {
			const { heads, length, headDim, q, k, v } = inputs;
			const operand = (values: Float32Array) =>
				numpy.array(headsInside(values, inputs)).reshape([1, length, heads, headDim]);
			return contestant(jax.jit(nn.dotProductAttention), [operand(q), operand(k), operand(v)], (values) =>
				headsOutside(values, inputs),
			);
		},
		trainingStep: async (problem) => jaxTrainingStep(name, jax, problem),
		tinyOperation: async () =>
			contestant(numpy.add, [numpy.array(new Float32Array(4)), numpy.array(new Float32Array(4))]),
	};
};

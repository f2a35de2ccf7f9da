import { type ByteModelSizes, vocabularySize } from "../training/problem.js";
import type { Jax, JaxArray } from "./jax-api.js";

/** Weights by name. */
export type JaxWeights = Readonly<Record<string, JaxArray>>;

/**
 * The mean cross-entropy of the byte model as jax-js is best asked for it. Its window is a product of blocks of queries with their own
 * block of keys and the one before, under a mask, so that it takes linear time, too.
 */
export function jaxByteModel({ numpy, nn }: Jax, { length, layers, dim, heads, window }: ByteModelSizes) {
	if (length % window !== 0) throw new Error(`length is ${length}; expected a multiple of the window, ${window}`);
	const [blocks, headDim] = [length / window, dim / heads];
	const [band, edge] = maskOf(window, blocks);

	/** `x` normalised over its last axis. */
	const norm = (x: JaxArray, weights: JaxWeights, name: string): JaxArray => {
		const centered = x.ref.sub(x.mean(-1, { keepdims: true }));
		const variance = numpy.square(centered.ref).mean(-1, { keepdims: true });
		const normal = centered.div(numpy.sqrt(variance.add(1e-5)));
		return normal.mul(of(weights, `${name}.weight`)).add(of(weights, `${name}.bias`));
	};
	/** Keys or values [heads, blocks, window, headDim] to those of the block before and the own, [heads, blocks, 2 window, headDim]. */
	const withBlockBefore = (x: JaxArray): JaxArray => {
		const before = numpy.concatenate(
			[numpy.zeros([heads, 1, window, headDim]), x.ref.slice([], [0, blocks - 1], [], [])],
			1,
		);
		return numpy.concatenate([before, x], 2);
	};
	const attend = (x: JaxArray, weights: JaxWeights, name: string): JaxArray => {
		const project = (weight: string): JaxArray =>
			numpy
				.matmul(x.ref, of(weights, `${name}.${weight}`))
				.reshape([blocks, window, heads, headDim])
				.transpose([2, 0, 1, 3]);
		const q = project("query").mul(1 / Math.sqrt(headDim));
		const k = withBlockBefore(project("key"));
		const v = withBlockBefore(project("value"));
		x.dispose();
		const scores = numpy
			.matmul(q, k.transpose([0, 1, 3, 2]))
			.add(numpy.array(band).reshape([window, 2 * window]))
			.add(numpy.array(edge).reshape([blocks, 1, 2 * window]));
		const attended = numpy.matmul(nn.softmax(scores, -1), v);
		return numpy.matmul(attended.transpose([1, 2, 0, 3]).reshape([length, dim]), of(weights, `${name}.output`));
	};
	const dense = (x: JaxArray, weights: JaxWeights, name: string): JaxArray => {
		const inner = numpy.matmul(x, of(weights, `${name}.inner`)).add(of(weights, `${name}.innerBias`));
		const active = nn.gelu(inner, { approximate: false });
		return numpy.matmul(active, of(weights, `${name}.outer`)).add(of(weights, `${name}.outerBias`));
	};

	/** @param ids, targets int32 [length] */
	return (weights: JaxWeights, ids: JaxArray, targets: JaxArray): JaxArray => {
		const embeddings = of(weights, "tokens");
		// By products with one-hot rows: the gradient of `take` scatters, which cannot be compiled.
		let x = numpy.matmul(nn.oneHot(ids, vocabularySize), embeddings.ref).add(of(weights, "positions.table"));
		for (let layer = 0; layer < layers; layer++) {
			const name = `blocks.${layer}`;
			x = x.ref.add(attend(norm(x, weights, `${name}.attentionNorm`), weights, `${name}.attention`));
			x = x.ref.add(dense(norm(x, weights, `${name}.feedForwardNorm`), weights, `${name}.feedForward`));
		}
		const logits = numpy.matmul(norm(x, weights, "norm"), embeddings.transpose([1, 0]));
		const scored = logits.ref.mul(nn.oneHot(targets, vocabularySize)).sum(-1);
		return nn.logsumexp(logits, -1).sub(scored).mean();
	};
}

/** The weight of a name. Everything but the token embeddings is used once, so no reference is left over. */
function of(weights: JaxWeights, name: string): JaxArray {
	const weight = weights[name];
	if (!weight) throw new Error(`there is no weight ${name}`);
	return weight;
}

const hidden = -1e9;

/**
 * What is added to scores: for query i of a block and key j of the block before and its own, [window, 2 window], and for the
 * block before the first, [blocks, 2 window].
 */
function maskOf(window: number, blocks: number): [band: Float32Array, edge: Float32Array] {
	const width = 2 * window;
	const band = Float32Array.from({ length: window * width }, (_, index) => {
		const [query, key] = [Math.floor(index / width), index % width];
		return key >= query && key <= query + window ? 0 : hidden;
	});
	const edge = Float32Array.from({ length: blocks * width }, (_, index) => (index < window ? hidden : 0));
	return [band, edge];
}

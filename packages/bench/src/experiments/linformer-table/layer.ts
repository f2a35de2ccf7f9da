import {
	add,
	concat,
	gelu,
	layerNorm,
	matmul,
	mul,
	normal,
	ones,
	reshape,
	scope,
	slice,
	type Tensor,
	transpose,
	zeros,
} from "longspan";

/** Weights of a pre-norm layer without biases but those of the norms: [dim, dim] and, of the feed-forward part, [dim, 4 dim] and back. */
export interface LayerWeights {
	readonly norms: readonly { readonly weight: Tensor; readonly bias: Tensor }[];
	readonly query: Tensor;
	readonly key: Tensor;
	readonly value: Tensor;
	readonly output: Tensor;
	readonly inner: Tensor;
	readonly outer: Tensor;
}

/** Attention of one layer, be it a mechanism or a session of one. */
export type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor;

/** Positions the feed-forward part takes at once: its inner activations are four times as wide as the rest. */
const feedForwardPiece = 1024;

/** Random weights, those of a layer drawn from streams of its own. */
export function layerWeights(dim: number, { seed, layer }: { seed: number; layer: number }): LayerWeights {
	let stream = 8 * layer;
	const draw = (rows: number, columns: number) =>
		scope(() => mul(normal([rows, columns], { seed, stream: stream++ }), 1 / Math.sqrt(rows)));
	return {
		norms: [0, 1].map(() => ({ weight: ones([dim]), bias: zeros([dim]) })),
		query: draw(dim, dim),
		key: draw(dim, dim),
		value: draw(dim, dim),
		output: draw(dim, dim),
		inner: draw(dim, 4 * dim),
		outer: draw(4 * dim, dim),
	};
}

/**
 * One layer of a transformer: x + attention(norm(x)), then x + feedForward(norm(x)) with GELU. Tensors are freed as soon as they are not needed, so that
 * its peak of memory is that of a careful implementation.
 *
 * @param x [batch, length, dim]
 */
export function transformerLayer(x: Tensor, weights: LayerWeights, heads: number, attend: Attend): Tensor {
	return scope(() => {
		const middle = add(x, attentionPart(x, weights, heads, attend));
		const length = x.shape[1] as number;
		const pieces = Array.from({ length: Math.ceil(length / feedForwardPiece) }, (_, piece) => {
			const from = piece * feedForwardPiece;
			return feedForwardPart(middle, from, Math.min(from + feedForwardPiece, length), weights);
		});
		return pieces.length === 1 ? (pieces[0] as Tensor) : concat(pieces, 1);
	});
}

function attentionPart(x: Tensor, weights: LayerWeights, heads: number, attend: Attend): Tensor {
	const [batch, length, dim] = x.shape as [number, number, number];
	const [norm] = weights.norms as [{ weight: Tensor; bias: Tensor }];
	return scope(() => {
		const attended = scope(() => {
			const [q, k, v] = scope(() => {
				const normed = layerNorm(x, norm.weight, norm.bias);
				return [weights.query, weights.key, weights.value].map((projection) =>
					scope(() =>
						transpose(reshape(matmul(normed, projection), [batch, length, heads, dim / heads]), [0, 2, 1, 3]),
					),
				);
			}) as [Tensor, Tensor, Tensor];
			return transpose(attend(q, k, v), [0, 2, 1, 3]);
		});
		return matmul(reshape(attended, [batch, length, dim]), weights.output);
	});
}

/** Positions `from` to `to` after the second half of the layer. */
function feedForwardPart(middle: Tensor, from: number, to: number, { norms, inner, outer }: LayerWeights): Tensor {
	const norm = norms[1] as { weight: Tensor; bias: Tensor };
	return scope(() => {
		const part = slice(middle, 1, from, to);
		const hidden = gelu(matmul(layerNorm(part, norm.weight, norm.bias), inner));
		return add(part, matmul(hidden, outer));
	});
}

import { type Attention, keep, type Tensor, tensor } from "longspan";

/** Sees attentions at work. */
export interface AttentionWatch {
	/** The same attention, watched. */
	watch(attention: Attention): Attention;
	/**
	 * Hands over the matrices of the calls since it was last asked, [1, heads, length, length] each, in their order: row i holds how much
	 * each position counts in the output of position i. The caller frees them.
	 */
	take(): Tensor[];
}

/**
 * Watches the calls of attentions with batch 1. The matrix of a call is what it makes of the identity in place of the values, which
 * is exact for everything that is linear in them.
 */
export function watchAttentions(): AttentionWatch {
	let matrices: Tensor[] = [];
	return {
		watch(attention) {
			const watched = (...[q, k, v, options]: Parameters<Attention>): Tensor => {
				const [, heads, length] = q.shape as [number, number, number];
				const identity = identities(heads, length);
				matrices.push(keep(attention(q, k, identity, options)));
				identity.dispose();
				return attention(q, k, v, options);
			};
			return Object.assign(watched, attention);
		},
		take: () => {
			const taken = matrices;
			matrices = [];
			return taken;
		},
	};
}

/** An identity matrix for each head, [1, heads, size, size]. */
function identities(heads: number, size: number): Tensor {
	const values = new Float32Array(heads * size * size);
	for (let row = 0; row < heads * size; row++) values[row * size + (row % size)] = 1;
	return tensor(values, [1, heads, size, size]);
}

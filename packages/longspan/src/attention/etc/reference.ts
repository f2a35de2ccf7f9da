import { add, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { reshape } from "../../ops/reshape.js";
import { concat, slice } from "../../ops/slice.js";
import { softmax } from "../../ops/softmax.js";
import { where } from "../../ops/where.js";
import { filled, intTensor, tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";

interface Sequence {
	readonly q: Tensor;
	readonly k: Tensor;
	readonly v: Tensor;
}

/**
 * ETC by its definition: dense attention over [global; long] with the union of what either sees and the whole matrix of relative ids,
 * scores (q_i·k_j + q_i·e_id + bias_id) / sqrt(headDim). The result is [batch, heads, global + long, valueDim].
 */
export function etcReference(
	long: Sequence,
	global: Sequence,
	options: {
		radius: number;
		/** Ids 0..2m of offsets cut off at m, 2m + 1 for a long token and its global token, 2m + 2 for other pairs of the two. */
		maxDistance?: number;
		tables?: { embeddings: Tensor; biases: Tensor } | undefined;
		/** For each batch entry and long token its global token. */
		segments: readonly (readonly number[])[];
		/** For each batch entry and token, global ones first. */
		kept: readonly (readonly number[])[];
	},
): Tensor {
	const { radius, maxDistance: m = 1, tables, segments, kept } = options;
	const [q, k, v] = (["q", "k", "v"] as const).map((x) => concat([global[x], long[x]], 2)) as [Tensor, Tensor, Tensor];
	const [batch, , length, headDim] = q.shape as [number, number, number, number];
	const first = global.q.shape[2] as number;
	const pairs = (test: (b: number, i: number, j: number) => boolean): number[] => {
		const list: number[] = [];
		for (let b = 0; b < batch; b++)
			for (let i = 0; i < length; i++) for (let j = 0; j < length; j++) list.push(Number(test(b, i, j)));
		return list;
	};
	const idOf = (b: number, i: number, j: number): number => {
		const [near, far] = [Math.min(i, j), Math.max(i, j)];
		if (near < first && far >= first) return segments[b]?.[far - first] === near ? 2 * m + 1 : 2 * m + 2;
		return j >= i ? Math.min(j - i, m) : m + Math.min(i - j, m);
	};
	let scores = matmul(q, k, { transposeB: true });
	for (let id = 0; tables && id <= 2 * m + 2; id++) {
		const row = (x: Tensor) => slice(x, 0, id, id + 1);
		const term = add(
			matmul(q, reshape(row(tables.embeddings), [1, -1, headDim, 1])),
			reshape(row(tables.biases), [1, -1, 1, 1]),
		);
		const mask = tensor(
			pairs((b, i, j) => idOf(b, i, j) === id),
			[batch, 1, length, length],
			q.device,
		);
		scores = add(scores, mul(term, mask));
	}
	const sees = (i: number, j: number) => i < first || j < first || Math.abs(i - j) <= radius;
	const visible = intTensor(
		pairs((b, i, j) => sees(i, j) && kept[b]?.[j] !== 0),
		[batch, 1, length, length],
		q.device,
	);
	const hidden = filled([], Number.NEGATIVE_INFINITY, q.device);
	return matmul(softmax(where(visible, mul(scores, 1 / Math.sqrt(headDim)), hidden)), v);
}

import { matmul } from "../../ops/matmul.js";
import { max } from "../../ops/reduce.js";
import { concat, slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";

/** How keys or values become slots. */
export type ReferenceProjection =
	/** A matrix [slots, maxLength], or one for each head. */
	| { readonly matrix: Tensor }
	/** The maximum over each `stride` positions. */
	| { readonly slots: number; readonly stride: number };

/**
 * Linformer attention by its definition (Wang et al. 2020, arXiv 2006.04768, eq. 7), where every projection but the maximum is a
 * matrix: softmax(q (E k)ᵀ / sqrt(headDim)) (F v), rows of k and v with mask 0 set to zero before. For tests, on the
 * reference device.
 */
export function linformerReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: {
		keys: ReferenceProjection;
		values: ReferenceProjection;
		/** Slots that each head sees. Default: all. */
		slotsOfHeads?: readonly number[];
		keyMask?: Tensor<"int32"> | undefined;
	},
): Tensor {
	const { keys, values, slotsOfHeads, keyMask } = options;
	const [batch, , length] = k.shape as [number, number, number];
	const kept = keyMask ? Array.from(keyMask.dataSync()) : new Array<number>(batch * length).fill(1);
	return scope(() => {
		const project = (x: Tensor, how: ReferenceProjection) =>
			"matrix" in how ? byMatrix(x, how.matrix, kept) : byMaximum(x, how, kept);
		const seesSlot = (_: number, slot: number, head: number) => slot < (slotsOfHeads?.[head] ?? slot + 1);
		return maskedSoftmaxReference(q, project(k, keys), project(v, values), seesSlot);
	});
}

/** The matrix times the diagonal matrix of the mask times x. */
function byMatrix(x: Tensor, matrix: Tensor, kept: readonly number[]): Tensor {
	const [batch, , length] = x.shape as [number, number, number];
	const diagonal = new Float32Array(batch * length * length);
	for (const [at, value] of kept.entries()) diagonal[at * length + (at % length)] = value;
	return matmul(slice(matrix, -1, 0, length), matmul(tensor(diagonal, [batch, 1, length, length], x.device), x));
}

/** Maxima of one batch entry and slot after the other; zeros where no position is kept. */
function byMaximum(x: Tensor, { slots, stride }: { slots: number; stride: number }, kept: readonly number[]): Tensor {
	const [batch, heads, length, width] = x.shape as [number, number, number, number];
	const row = (b: number, slot: number): Tensor => {
		const rows = Array.from({ length: stride }, (_, at) => slot * stride + at).filter(
			(j) => j < length && kept[b * length + j] !== 0,
		);
		if (rows.length === 0) return tensor(new Float32Array(heads * width), [1, heads, 1, width], x.device);
		const entry = slice(x, 0, b, b + 1);
		const window = rows.map((j) => slice(entry, 2, j, j + 1));
		return max(concat(window, 2), { axes: 2, keepDims: true });
	};
	const entries = Array.from({ length: batch }, (_, b) =>
		concat(
			Array.from({ length: slots }, (_, slot) => row(b, slot)),
			2,
		),
	);
	return concat(entries, 0);
}

import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";
import type { SparseTransformerOptions } from "./options.js";

/** Whether query i of head h sees key j, by the predicates of the paper. */
export function sparseSees(options: SparseTransformerOptions, i: number, j: number, head = 0): boolean {
	const { pattern, stride, summary = 0, subBlocks = 1, layer = 0, causal = true, convention } = options;
	if (causal && j > i) return false;
	const combine = pattern === "local" ? "first" : (options.combine ?? "merged");
	const subBlock = (combine === "per-head" ? Math.floor(head / 2) : head) % subBlocks;
	const cellsFrom = stride - (subBlock + 1) * summary;
	const first =
		pattern === "fixed"
			? Math.floor(i / stride) === Math.floor(j / stride)
			: Math.abs(i - j) < stride + (convention === "paper" ? 1 : 0);
	const second =
		pattern === "fixed" ? j % stride >= cellsFrom && j % stride < cellsFrom + summary : (i - j) % stride === 0;
	const chosen = { merged: -1, first: 0, second: 1, "per-head": head % 2, interleaved: layer % 2 }[combine];
	return chosen === -1 ? first || second : chosen === 0 ? first : second;
}

/** The Sparse Transformer by its definition: softmax over the keys of the chosen sets. */
export function sparseTransformerReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{ keyMask, ...options }: SparseTransformerOptions & { keyMask?: Tensor<"int32"> | undefined },
): Tensor {
	return maskedSoftmaxReference(q, k, v, (i, j, head) => sparseSees(options, i, j, head), keyMask, options.scale);
}

import { transposeBlock } from "../math/transpose";
import { copyVector } from "../math/vectors";

// In a kernel's own memory a state is one vector: its sum, row by row, then its normaliser [headDim] if any. The sum is
// [headDim, valueDim] as in the tensors, or transposed, [valueDim, headDim]. Null pointers are states that are not given.

/** Copies the state of a head from its tensors to `target`; false, and nothing done, if they are not given. */
export function loadState(
	head: i32,
	headDim: i32,
	valueDim: i32,
	sum: usize,
	normalizer: usize,
	target: usize,
	transposed: bool,
): bool {
	if (sum == 0) return false;
	const length = headDim * valueDim;
	const source = sum + ((<usize>head * <usize>length) << 2);
	if (transposed) transposeBlock(headDim, valueDim, source, <usize>valueDim << 2, target, <usize>headDim << 2);
	else copyVector(length, source, target);
	if (normalizer != 0) {
		copyVector(headDim, normalizer + ((<usize>head * <usize>headDim) << 2), target + (<usize>length << 2));
	}
	return true;
}

/** Copies a state that is not transposed to the tensors, those that are given. */
export function storeState(head: i32, headDim: i32, valueDim: i32, state: usize, sum: usize, normalizer: usize): void {
	const length = headDim * valueDim;
	if (sum != 0) copyVector(length, state, sum + ((<usize>head * <usize>length) << 2));
	if (normalizer != 0) {
		copyVector(headDim, state + (<usize>length << 2), normalizer + ((<usize>head * <usize>headDim) << 2));
	}
}

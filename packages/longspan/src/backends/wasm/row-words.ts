import { RowLayoutWords } from "./kernels/elementwise/row-layout.js";
import type { LoopNest } from "./loop-nest.js";

/** A loop nest of at least one axis as the words of `RowLayout` and one `RowOperand` an operand, appended to `words`. */
export function appendRowWords(words: number[], nest: LoopNest, pointers: readonly number[]): void {
	const { shape, strides } = nest;
	const rank = shape.length;
	const outerRank = Math.max(0, rank - 2);
	words.push(rank > 1 ? shape[rank - 2]! : 1, shape[rank - 1]!, segmentsOf(nest), outerRank);
	for (let axis = 0; axis < RowLayoutWords.outerAxes; axis++) words.push(axis < outerRank ? shape[axis]! : 1);
	for (let operand = 0; operand < strides.length; operand++) {
		const stride = strides[operand]!;
		words.push(pointers[operand]!, rank > 1 ? stride[rank - 2]! : 0, stride[rank - 1]!);
		for (let axis = 0; axis < RowLayoutWords.outerAxes; axis++) words.push(axis < outerRank ? stride[axis]! : 0);
	}
}

/** Segments of a row. */
function segmentsOf({ shape }: LoopNest): number {
	return Math.ceil(shape[shape.length - 1]! / RowLayoutWords.segment);
}

/** Number of all elements. */
export function elementsOf({ shape }: LoopNest): number {
	let count = 1;
	for (const size of shape) count *= size;
	return count;
}

/** Number of segments of all rows. */
export function itemsOf(nest: LoopNest): number {
	return (elementsOf(nest) / (nest.shape[nest.shape.length - 1] as number)) * segmentsOf(nest);
}

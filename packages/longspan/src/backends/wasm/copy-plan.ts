import type { CopyLayout } from "../backend.js";
import { CopyMode } from "./kernels/elementwise/copy-mode.js";
import { collapse, type LoopNest, permute } from "./loop-nest.js";
import { elementsOf, itemsOf } from "./row-words.js";

/** How a strided copy is done; the operands of the nest are source and target. */
export interface CopyPlan {
	readonly mode: CopyMode;
	readonly nest: LoopNest;
	readonly items: number;
	readonly elements: number;
}

/** Finds the order of axes in which a copy runs fastest; null if there is nothing to copy. */
export function planCopy(layout: CopyLayout): CopyPlan | null {
	const original: LoopNest = { shape: layout.shape, strides: [layout.sourceStrides, layout.targetStrides] };
	const elements = elementsOf(original);
	if (elements === 0) return null;
	const merged = collapse(original);
	// The order of a copy is free: along the target's memory, as far as possible.
	const nest = isOrdered(merged) ? merged : collapse(permute(merged, alongTarget(merged)));
	const inner = nest.shape.length - 1;
	const source = nest.strides[0]!;
	const target = nest.strides[1]!;
	if (target[inner] === 1 && source[inner] !== 1 && source[inner] !== 0) {
		const row = source.indexOf(1);
		if (row >= 0) return transposition(nest, row, elements);
	}
	return { mode: rowMode(source[inner]!, target[inner]!), nest, items: itemsOf(nest), elements };
}

function rowMode(sourceStride: number, targetStride: number): CopyMode {
	if (targetStride !== 1) return CopyMode.strided;
	if (sourceStride === 1) return CopyMode.rows;
	return sourceStride === 0 ? CopyMode.fill : CopyMode.strided;
}

/** Whether the strides of the target never grow from outside to inside. */
function isOrdered({ strides }: LoopNest): boolean {
	const target = strides[1]!;
	for (let axis = 1; axis < target.length; axis++) {
		if (Math.abs(target[axis]!) > Math.abs(target[axis - 1]!)) return false;
	}
	return true;
}

function alongTarget({ shape, strides }: LoopNest): number[] {
	const target = strides[1]!;
	return shape.map((_, axis) => axis).sort((a, b) => Math.abs(target[b]!) - Math.abs(target[a]!));
}

/** `row` is the axis along which the source is contiguous; it comes next to the inner one. */
function transposition(nest: LoopNest, row: number, elements: number): CopyPlan {
	const inner = nest.shape.length - 1;
	const arranged = row === inner - 1 ? nest : permute(nest, withRowInside(inner, row));
	const rows = arranged.shape[inner - 1]!;
	const columns = arranged.shape[inner]!;
	const tiles = Math.ceil(rows / CopyMode.tile) * Math.ceil(columns / CopyMode.tile);
	return { mode: CopyMode.transpose, nest: arranged, items: (elements / (rows * columns)) * tiles, elements };
}

/** The axes in order, but `row` just before `inner`, the last. */
function withRowInside(inner: number, row: number): number[] {
	const order: number[] = [];
	for (let axis = 0; axis < inner; axis++) if (axis !== row) order.push(axis);
	order.push(row, inner);
	return order;
}

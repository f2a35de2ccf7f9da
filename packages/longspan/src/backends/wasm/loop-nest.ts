/** Axes of a loop nest from outside to inside: one size and, for every operand, one stride (in elements) each. */
export interface LoopNest {
	readonly shape: readonly number[];
	readonly strides: readonly (readonly number[])[];
}

/**
 * Drops axes of size 1 and merges neighbouring axes that every operand walks like a single one, so that loops are as long as possible.
 * Keeps at least one axis.
 */
export function collapse({ shape, strides }: LoopNest): LoopNest {
	const sizes: number[] = [];
	const kept: number[][] = strides.map(() => []);
	for (let axis = 0; axis < shape.length; axis++) {
		const size = shape[axis] as number;
		if (size === 1) continue;
		const last = sizes.length - 1;
		const joins = last >= 0 && kept.every((stride, operand) => stride[last] === (strides[operand]?.[axis] as number) * size);
		if (joins) sizes[last] = (sizes[last] as number) * size;
		else sizes.push(size);
		for (let operand = 0; operand < kept.length; operand++) {
			const stride = kept[operand] as number[];
			stride[joins ? last : stride.length] = strides[operand]?.[axis] as number;
		}
	}
	if (sizes.length > 0) return { shape: sizes, strides: kept };
	return { shape: [1], strides: strides.map(() => [0]) };
}

/** Reorders the axes: axis i of the result is axis `order[i]`. */
export function permute({ shape, strides }: LoopNest, order: readonly number[]): LoopNest {
	const pick = (values: readonly number[]) => order.map((axis) => values[axis] as number);
	return { shape: pick(shape), strides: strides.map(pick) };
}

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
	const kept: number[][] = [];
	for (let operand = 0; operand < strides.length; operand++) kept.push([]);
	for (let axis = 0; axis < shape.length; axis++) {
		const size = shape[axis]!;
		if (size === 1) continue;
		const last = sizes.length - 1;
		let joins = last >= 0;
		for (let operand = 0; joins && operand < kept.length; operand++) {
			joins = kept[operand]![last] === strides[operand]![axis]! * size;
		}
		const place = joins ? last : last + 1;
		sizes[place] = joins ? sizes[last]! * size : size;
		for (let operand = 0; operand < kept.length; operand++) kept[operand]![place] = strides[operand]![axis]!;
	}
	if (sizes.length === 0) {
		sizes.push(1);
		for (const stride of kept) stride.push(0);
	}
	return { shape: sizes, strides: kept };
}

/** Reorders the axes: axis i of the result is axis `order[i]`. */
export function permute({ shape, strides }: LoopNest, order: readonly number[]): LoopNest {
	const pick = (values: readonly number[]) => order.map((axis) => values[axis]!);
	return { shape: pick(shape), strides: strides.map(pick) };
}

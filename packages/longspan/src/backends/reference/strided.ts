/**
 * Visits every index of `shape` in row-major order with the offset each operand has there, given one list of strides an
 * operand. `offsets` is reused between visits.
 */
export function forEachOffset(
	shape: readonly number[],
	strides: readonly (readonly number[])[],
	visit: (offsets: readonly number[]) => void,
): void {
	if (shape.includes(0)) return;
	const index = shape.map(() => 0);
	const offsets = strides.map(() => 0);
	for (;;) {
		visit(offsets);
		let axis = shape.length - 1;
		while (axis >= 0 && index[axis] === shape[axis]! - 1) {
			move(axis, -index[axis]!);
			axis--;
		}
		if (axis < 0) return;
		move(axis, 1);
	}

	function move(axis: number, steps: number): void {
		index[axis]! += steps;
		for (let operand = 0; operand < offsets.length; operand++) {
			offsets[operand]! += steps * strides[operand]![axis]!;
		}
	}
}

/** float32 numbers with as few digits as give them back: nine. */
export function jsonNumbers(values: ArrayLike<number>): number[] {
	return Array.from(values, (value) => Number(value.toPrecision(9)));
}

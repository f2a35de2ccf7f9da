const words = new DataView(new ArrayBuffer(8));

/** The int32 word that holds `value` as float32. */
export function floatBits(value: number): number {
	words.setFloat32(0, value);
	return words.getInt32(0);
}

/** The two int32 words that hold `value` as float64, high word first. */
export function doubleBits(value: number): [high: number, low: number] {
	words.setFloat64(0, value);
	return [words.getInt32(0), words.getInt32(4)];
}

/** The number that `doubleBits` wrote. */
export function doubleFromBits(high: number, low: number): number {
	words.setInt32(0, high);
	words.setInt32(4, low);
	return words.getFloat64(0);
}

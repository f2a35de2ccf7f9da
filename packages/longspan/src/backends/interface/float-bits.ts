const word = new DataView(new ArrayBuffer(4));

/** The int32 word that holds `value` as float32. */
export function floatBits(value: number): number {
	word.setFloat32(0, value);
	return word.getInt32(0);
}

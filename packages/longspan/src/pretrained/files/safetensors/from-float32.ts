/** Types in which weights can be saved, by their names in torch. */
export type SavedDType = "float32" | "float16" | "bfloat16";

/** The names of these types in files. */
export const storedDTypes = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;

/** The bytes of elements in a type, rounded to the nearest, ties to even; what float16 cannot hold becomes infinite, as in torch. */
export function fromFloat32(dtype: SavedDType, values: Float32Array): Uint8Array {
	if (dtype === "float32") return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
	const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const rounded = new Uint16Array(values.length);
	const round = dtype === "float16" ? float16Of : bfloat16Of;
	for (let index = 0; index < rounded.length; index++) rounded[index] = round(bits[index] as number);
	return new Uint8Array(rounded.buffer);
}

/** The bits of the float32 infinity. */
const infinity = 0x7f800000;

function bfloat16Of(bits: number): number {
	if ((bits & 0x7fffffff) > infinity) return (bits >>> 16) | 0x40;
	return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function float16Of(bits: number): number {
	const sign = (bits >>> 16) & 0x8000;
	const magnitude = bits & 0x7fffffff;
	if (magnitude > infinity) return sign | 0x7e00;
	// From 65520 on, halfway between the largest number and the next power of two.
	if (magnitude >= 0x477ff000) return sign | 0x7c00;
	if (magnitude >= 0x38800000) {
		const rebased = magnitude - (112 << 23);
		return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
	}
	// Multiples of 2^-24. Below 2^-25 nothing is left, float32's own subnormals among it.
	const exponent = (magnitude >>> 23) - 150;
	if (exponent < -49) return sign;
	const steps = ((magnitude & 0x7fffff) | 0x800000) * 2 ** (exponent + 24);
	const whole = Math.floor(steps);
	const rest = steps - whole;
	return sign | (whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0));
}

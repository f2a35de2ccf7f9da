import { OptionError } from "../../../errors.js";
import type { StoredDType } from "./dtypes.js";

type Reader = (bytes: Uint8Array<ArrayBuffer>) => Float32Array;

let halves: Float32Array | undefined;

const readers: { readonly [dtype in StoredDType]?: Reader } = {
	F32: ({ buffer, byteOffset, length }) => new Float32Array(buffer, byteOffset, length / 4),
	F64: ({ buffer, byteOffset, length }) => new Float32Array(new Float64Array(buffer, byteOffset, length / 8)),
	BF16: ({ buffer, byteOffset, length }) => {
		const from = new Uint16Array(buffer, byteOffset, length / 2);
		const bits = new Uint32Array(from.length);
		for (let index = 0; index < from.length; index++) bits[index] = (from[index] as number) << 16;
		return new Float32Array(bits.buffer);
	},
	F16: ({ buffer, byteOffset, length }) => {
		halves ??= allHalves();
		const from = new Uint16Array(buffer, byteOffset, length / 2);
		const values = new Float32Array(from.length);
		for (let index = 0; index < from.length; index++) values[index] = halves[from[index] as number] as number;
		return values;
	},
};

/** Elements are read through typed arrays, which begin at multiples of this. */
const alignment = 8;

/**
 * Elements of a file as float32; F64 is rounded. F32 that is aligned is not copied, so it is not to be changed.
 *
 * @param bytes whole elements, little-endian
 * @param subject what they are, for errors
 * @throws OptionError for integers and other types that weights do not have
 */
export function toFloat32(dtype: StoredDType, bytes: Uint8Array, subject: string): Float32Array {
	const reader = readers[dtype];
	if (!reader)
		throw new OptionError(
			`${subject} has dtype "${dtype}"; expected ${Object.keys(readers).join(", ")}: save the weights in one of these`,
		);
	const usable = bytes.byteOffset % alignment === 0 && bytes.buffer instanceof ArrayBuffer;
	return reader((usable ? bytes : new Uint8Array(bytes)) as Uint8Array<ArrayBuffer>);
}

/** Every float16 by its bits: 256 KiB, which decode faster than arithmetic on the bits does. */
function allHalves(): Float32Array {
	const values = new Float32Array(2 ** 16);
	for (let bits = 0; bits < 2 ** 15; bits++) {
		const [exponent, fraction] = [bits >> 10, bits & 0x3ff];
		const value =
			exponent === 0
				? fraction * 2 ** -24
				: exponent < 31
					? (1 + fraction / 1024) * 2 ** (exponent - 15)
					: fraction === 0
						? Number.POSITIVE_INFINITY
						: Number.NaN;
		values[bits] = value;
		values[bits + 2 ** 15] = -value;
	}
	return values;
}

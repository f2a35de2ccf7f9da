import { floatBits, type MatrixFormat } from "../backend.js";

/** Rounds to an integer, ties to even. */
function roundHalfEven(x: number): number {
	const below = Math.floor(x);
	const fraction = x - below;
	if (fraction !== 0.5) return fraction < 0.5 ? below : below + 1;
	return below % 2 === 0 ? below : below + 1;
}

/** The exponent of a float32, that of the least normal number for smaller ones. */
function exponentOf(x: number): number {
	return Math.max(1, (floatBits(x) >>> 23) & 255) - 127;
}

/** x with so many bits after its first. */
function roundBits(x: number, bits: number): number {
	const step = 2 ** (exponentOf(x) - bits);
	return roundHalfEven(x / step) * step;
}

/** A row of a matrix as the format keeps it. */
export function roundRow(format: MatrixFormat, row: Float32Array): ArrayLike<number> {
	if (format === "float32") return row;
	if (format === "bfloat16") return Float64Array.from(row, (x) => roundBits(x, 7));
	const largest = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
	if (format === "float16") {
		const scale = 2 ** Math.max(exponentOf(largest) - 15, -126);
		return Float64Array.from(row, (x) => (Math.abs(x / scale) < 2 ** -14 ? 0 : roundBits(x / scale, 10) * scale));
	}
	const scale = Math.fround(largest / 127);
	if (scale === 0) return new Float64Array(row.length);
	const bound = (x: number) => Math.max(-127, Math.min(127, x));
	return Float64Array.from(row, (x) => bound(roundHalfEven(Math.fround(x / scale))) * scale);
}

import { OptionError, ShapeError } from "../../errors.js";
import { add, mul, sub } from "../../ops/arithmetic.js";
import { checkNumber, checkOperands } from "../../ops/operands.js";
import { concat, slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Base of the wavelengths, as for sinusoids. */
const base = 10_000;

/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864, eq. 15): turns each pair of channels by an angle that grows with the position, so
 * that products of queries and keys depend on their distance. Channel i is paired with channel i + headDim / 2.
 *
 * @returns a function of x [batch, heads, length, headDim] and the position of its first row, for queries and keys
 * @throws OptionError if `headDim` is odd or below 2; the function throws ShapeError for other shapes
 */
export function rotary(headDim: number): (x: Tensor, position: number) => Tensor {
	if (!(headDim >= 2 && headDim % 2 === 0))
		throw new OptionError(`rotary: headDim is ${headDim}; expected an even number of at least 2`);
	const half = headDim / 2;
	const frequencies = Array.from({ length: half }, (_, pair) => base ** (-pair / half));
	let made: { cos: Float32Array; sin: Float32Array; position: number; length: number } | null = null;
	/** Cosines and sines, [length, half] each; queries, keys and the next pass ask for the same. */
	const angles = (position: number, length: number) => {
		if (made?.position === position && made.length === length) return made;
		const [cos, sin] = [new Float32Array(length * half), new Float32Array(length * half)];
		for (let row = 0; row < length; row++)
			frequencies.forEach((frequency, pair) => {
				const angle = (position + row) * frequency;
				cos[row * half + pair] = Math.cos(angle);
				sin[row * half + pair] = Math.sin(angle);
			});
		made = { cos, sin, position, length };
		return made;
	};
	return (x, position) =>
		scope(() => {
			checkOperands("rotary", { x });
			if (x.rank !== 4 || x.shape[3] !== headDim)
				throw new ShapeError(
					`rotary: argument x has shape ${formatShape(x.shape)}; expected [batch, heads, length, ${headDim}]`,
				);
			checkNumber("rotary", "position", position, { min: 0, integer: true });
			const length = x.shape[2] as number;
			const made = angles(position, length);
			const [cos, sin] = [made.cos, made.sin].map((values) => tensor(values, [length, half], x.device)) as [
				Tensor,
				Tensor,
			];
			const [left, right] = [slice(x, 3, 0, half), slice(x, 3, half)];
			return concat([sub(mul(left, cos), mul(right, sin)), add(mul(right, cos), mul(left, sin))], 3);
		});
}

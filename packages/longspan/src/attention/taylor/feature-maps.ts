import { mul } from "../../ops/arithmetic.js";
import { rmsNorm } from "../../ops/norm.js";
import { reshape } from "../../ops/reshape.js";
import { concat } from "../../ops/slice.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** x / sqrt(|x|² + epsilon²): vectors of length 1, but for those as short as epsilon; a zero vector stays zero. */
export function unitVectors(x: Tensor, epsilon: number): Tensor {
	const width = x.shape[3] as number;
	return scope(() => rmsNorm(x, filled([width], 1 / Math.sqrt(width), x.device), { epsilon: epsilon ** 2 / width }));
}

/** [1, x] for each vector. */
function withConstant(parts: readonly Tensor[]): Tensor {
	const [first] = parts as [Tensor];
	return concat([filled([...first.shape.slice(0, 3), 1], 1, first.device), ...parts], 3);
}

/** [1, x / |x|], whose products are 1 + cosine, the first-order Taylor series of its exponential. */
export function firstOrderFeatures(x: Tensor, epsilon: number): Tensor {
	return scope(() => withConstant([unitVectors(x, epsilon)]));
}

/** [1, x / d^¼, x ⊗ x / (√2 √d)], whose products are 1 + s + s² / 2 with s = q·k / √d. */
export function secondOrderFeatures(x: Tensor): Tensor {
	const [batch, heads, length, width] = x.shape as [number, number, number, number];
	return scope(() => {
		const scaled = mul(x, width ** -0.25);
		const half = mul(scaled, Math.SQRT1_2);
		const pairs = mul(
			reshape(scaled, [batch, heads, length, width, 1]),
			reshape(half, [batch, heads, length, 1, width]),
		);
		return withConstant([scaled, reshape(pairs, [batch, heads, length, width ** 2])]);
	});
}

import { withTape } from "../../autograd/tape.js";
import { add, div, mul, sub } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { max, sum } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { runningMaximum } from "../../ops/running-maximum.js";
import { concat, pad, slice } from "../../ops/slice.js";
import { exp } from "../../ops/unary.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { hiddenExponent, hideKeys } from "../linear/hide-keys.js";
import { maskKeys } from "../linear/mask-keys.js";
import { attentionSizes, checkSameLength } from "../sizes.js";
import { blocks, chunkLengthFor, type EfficientState } from "./chunks.js";
import { scanChunks } from "./scan-chunks.js";
import { tiny } from "./whole.js";

/**
 * out_i = Σ_(j ≤ i) w_ij v_j / Σ_(j ≤ i) w_ij with w_ij = Σ_c exp(q_ic + k_jc), in linear time and without overflow. A weight is a
 * product exp(q_ic + r_c - t_i) exp(k_jc - r_c) in which neither exponent is positive, because the reference r_c is the running maximum
 * of channel c somewhere between key and query: at the middle of the smallest dyadic block that holds both, or at the end of the chunk
 * before the query's. t_i = max_c (q_ic + running maximum) cancels in the quotient. References have no gradient: the result does
 * not depend on them.
 */
export function causalEfficient(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	keyMask?: Tensor<"int32">,
	before?: EfficientState,
): { output: Tensor; state: EfficientState } {
	const name = "efficient";
	const { batch, heads, queryLength: length, keyLength, valueDim } = attentionSizes(name, q, k, v);
	checkSameLength(name, length, keyLength);
	const chunk = chunkLengthFor(length);
	const missing = -length & (chunk - 1);
	const fill = (x: Tensor, value: number) => (missing > 0 ? pad(x, 2, 0, missing, value) : x);
	return scope(() => {
		const queries = fill(q, 0);
		const keys = fill(hideKeys(k, keyMask, name), hiddenExponent);
		// With a column of ones, numerators and denominators are one product.
		const one = filled([batch, heads, length, 1], 1, v.device);
		const values = fill(maskKeys(concat([v, one], 3), keyMask, name), 0);
		const maxima = withTape(null, () => maximaOf(keys, before?.largest));
		const shifted = sub(
			queries,
			withTape(null, () => scope(() => max(add(queries, maxima), { axes: 3, keepDims: true }))),
		);
		let total = scope(() => mul(sum(exp(add(shifted, keys)), { axes: 3, keepDims: true }), values));
		const addPart = (part: () => Tensor): void => {
			const next = scope(() => add(total, part()));
			total.dispose();
			total = next;
		};
		for (let half = 1; half < chunk; half *= 2) addPart(() => rightHalves(shifted, keys, values, maxima, half));
		const { states, starts, final } = scanChunks(keys, values, maxima, chunk, before);
		addPart(() => reshape(matmul(exp(add(blocks(shifted, chunk), starts)), states), total.shape));
		const sums = missing > 0 ? slice(total, 2, 0, length) : total;
		const denominators = add(slice(sums, 3, valueDim), tiny);
		return { output: div(slice(sums, 3, 0, valueDim), denominators), state: final };
	});
}

/** Running maxima of the channels, of `largest` and all keys up to each position. */
function maximaOf(keys: Tensor, largest: Tensor | undefined): Tensor {
	if (!largest) return runningMaximum(keys, 2);
	return scope(() => slice(runningMaximum(concat([largest, keys], 2), 2), 2, 1));
}

/** What the queries in the right halves of blocks of 2 `half` positions get from the keys in the left halves. */
function rightHalves(queries: Tensor, keys: Tensor, values: Tensor, maxima: Tensor, half: number): Tensor {
	const left = (x: Tensor) => slice(blocks(x, 2 * half), 2, 0, half);
	const reference = slice(blocks(maxima, 2 * half), 2, half - 1, half);
	const mappedQ = scope(() => exp(add(slice(blocks(queries, 2 * half), 2, half), reference)));
	const mappedK = scope(() => exp(sub(left(keys), reference)));
	const part = matmul(matmul(mappedQ, mappedK, { transposeB: true }), left(values));
	return reshape(pad(part, 2, half, 0), values.shape);
}

import { mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { max, mean } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { pad, slice } from "../../ops/slice.js";
import { transpose } from "../../ops/transpose.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { maskKeys } from "../linear/mask-keys.js";
import { name, type Settings } from "./options.js";

/** Below every input of a maximum; times 0 it is 0, which -Infinity is not. */
const lowest = -3e38;

/**
 * Keys or values as slots.
 *
 * @param x [batch, heads, length, width], length at most maxLength
 * @param weights E or F; null for pools
 * @param keyMask int32 [batch, length]; rows with 0 count as zeros, and for the maximum not at all
 * @returns [batch, heads, slots, width]
 */
export function projectRows(
	x: Tensor,
	weights: Tensor | null,
	keyMask: Tensor<"int32"> | undefined,
	settings: Settings,
): Tensor {
	return scope(() => {
		if (settings.projection === "max-pool") return fillSlots(maximaOf(x, keyMask, settings.stride), settings.slots);
		const rows = maskKeys(x, keyMask, name);
		if (settings.projection === "mean-pool")
			return fillSlots(mean(windowsOf(rows, settings.stride, 0), { axes: 3 }), settings.slots);
		if (settings.projection === "convolution")
			return fillSlots(convolve(rows, weights as Tensor, settings.stride), settings.slots);
		return multiply(weights as Tensor, rows);
	});
}

/** A matrix over positions, [slots, maxLength] or one for each head, times the rows of x: its first columns if x is shorter. */
function multiply(matrix: Tensor, x: Tensor): Tensor {
	const [batch, heads, length, width] = x.shape as [number, number, number, number];
	const longest = matrix.shape[matrix.rank - 1] as number;
	const fitted = length < longest ? slice(matrix, -1, 0, length) : matrix;
	if (fitted.rank === 2) return matmul(fitted, x);
	if (batch === 1) return matmul(reshape(fitted, [1, ...fitted.shape]), x);
	// A head's matrix meets the columns of all batch entries at once: copies of x are smaller than copies of the matrices.
	const wide = reshape(transpose(x, [1, 2, 0, 3]), [heads, length, batch * width]);
	return transpose(reshape(matmul(fitted, wide), [heads, -1, batch, width]), [2, 0, 1, 3]);
}

/** Groups of `stride` rows, [batch, heads, windows, stride, width]; the last is filled up with `filler`. */
function windowsOf(x: Tensor, stride: number, filler: number): Tensor {
	const [batch, heads, length, width] = x.shape as [number, number, number, number];
	const windows = Math.ceil(length / stride);
	const missing = windows * stride - length;
	return reshape(missing > 0 ? pad(x, 2, 0, missing, filler) : x, [batch, heads, windows, stride, width]);
}

/** Slots beyond the input are zero, as they would be if it were padded to maxLength. */
function fillSlots(pooled: Tensor, slots: number): Tensor {
	const missing = slots - (pooled.shape[2] as number);
	return missing > 0 ? pad(pooled, 2, 0, missing) : pooled;
}

/** Maxima over the rows of each window that take part, channel by channel; 0 where none does. */
function maximaOf(x: Tensor, keyMask: Tensor<"int32"> | undefined, stride: number): Tensor {
	if (!keyMask) return max(windowsOf(x, stride, lowest), { axes: 3 });
	const [batch, , length] = x.shape as [number, number, number];
	const rows = reshape(keyMask, [batch, 1, length, 1]);
	const constant = (value: number) => filled([], value, x.device);
	const maxima = max(windowsOf(where(rows, x, constant(lowest)), stride, lowest), { axes: 3 });
	const present = max(windowsOf(where(rows, constant(1), constant(0)), stride, 0), { axes: 3 });
	return mul(maxima, present);
}

/** Kernel and stride of the same length, one kernel [stride] or one for each head, the same for every channel. */
function convolve(x: Tensor, kernel: Tensor, stride: number): Tensor {
	const windows = windowsOf(x, stride, 0);
	const [batch, heads, count, , width] = windows.shape as [number, number, number, number, number];
	const rows = reshape(kernel, kernel.rank === 1 ? [1, stride] : [kernel.shape[0] as number, 1, 1, stride]);
	return reshape(matmul(rows, windows), [batch, heads, count, width]);
}

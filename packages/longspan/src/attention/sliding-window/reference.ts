import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";

/** Sliding-window attention by its definition: |i - j| <= window * dilation and i - j a multiple of dilation. */
export function slidingWindowReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: {
		window: number;
		causal?: boolean;
		dilation?: number | readonly number[];
		scale?: number;
		keyMask?: Tensor<"int32"> | undefined;
	},
): Tensor {
	const { window, causal = false, dilation = 1, scale, keyMask } = options;
	return maskedSoftmaxReference(
		q,
		k,
		v,
		(i, j, head) => {
			const step = typeof dilation === "number" ? dilation : (dilation[head] as number);
			return Math.abs(i - j) <= window * step && (i - j) % step === 0 && (!causal || j <= i);
		},
		keyMask,
		scale,
	);
}

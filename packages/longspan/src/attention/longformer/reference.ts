import { concat, slice } from "../../ops/slice.js";
import { where } from "../../ops/where.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";

/**
 * Longformer by its definition: a local row has one softmax over |i - j| <= window * dilation (i - j a multiple of dilation) and
 * the global keys; a global row one over all keys, with projections of its own if given; only j <= i if causal.
 */
export function longformerReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: {
		window: number;
		dilation?: number | readonly number[];
		/** For each batch entry. */
		globals: readonly (readonly number[])[];
		projections?: { q: Tensor; k: Tensor; v: Tensor } | undefined;
		causal?: boolean;
		scale?: number;
		keyMask?: Tensor<"int32"> | undefined;
	},
): Tensor {
	const { window, dilation = 1, globals, projections = { q, k, v }, causal = false, scale, keyMask } = options;
	const length = q.shape[2] as number;
	return scope(() => {
		const entries = globals.map((list, b) => {
			const entry = (x: Tensor) => slice(x, 0, b, b + 1);
			const mask = keyMask && slice(keyMask, 0, b, b + 1);
			const isGlobal = Array.from({ length }, (_, i) => list.includes(i));
			const isSeen = (i: number, j: number, head: number) => {
				const step = typeof dilation === "number" ? dilation : (dilation[head] as number);
				return (Math.abs(i - j) <= window * step && (i - j) % step === 0) || (isGlobal[j] as boolean);
			};
			const local = maskedSoftmaxReference(
				entry(q),
				entry(k),
				entry(v),
				(i, j, head) => isSeen(i, j, head) && (!causal || j <= i),
				mask,
				scale,
			);
			const { q: qg, k: kg, v: vg } = projections;
			const global = maskedSoftmaxReference(entry(qg), entry(kg), entry(vg), (i, j) => !causal || j <= i, mask, scale);
			return where(intTensor(isGlobal.map(Number), [1, 1, length, 1], q.device), global, local);
		});
		return concat(entries, 0);
	});
}

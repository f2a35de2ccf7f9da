import { div, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { sum } from "../../ops/reduce.js";
import { concat } from "../../ops/slice.js";
import { exp } from "../../ops/unary.js";
import { intTensor, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";

/**
 * `starAttention` by its definition, with every slot of every token in one matrix: a pair counts as often as it is a slot. For tests,
 * on the reference device.
 */
export function starAttentionReference(q: Tensor, k: Tensor, v: Tensor, keyMask?: Tensor<"int32">): Tensor {
	const [batch, , length, headDim] = q.shape as [number, number, number, number];
	const kept = keyMask ? Array.from(keyMask.dataSync()) : new Array<number>(batch * length).fill(1);
	const perEntry = <T>(make: (kept: number[]) => T): T[] =>
		Array.from({ length: batch }, (_, b) => make(kept.slice(b * length, (b + 1) * length)));
	return scope(() => {
		const counts = perEntry((mask) => Math.max(1, mask.filter(Boolean).length));
		const mean = (x: Tensor) =>
			div(matmul(tensor(kept, [batch, 1, 1, length], x.device), x), tensor(counts, [batch, 1, 1, 1], x.device));
		const [keys, values] = [concat([k, mean(k)], 2), concat([v, mean(v)], 2)];
		const withRelay = intTensor(perEntry((mask) => [...mask, 1]).flat(), [batch, length + 1], q.device);
		const relayValue = maskedSoftmaxReference(mean(q), keys, values, () => true, withRelay);
		const slots = perEntry((mask) => slotCounts(mask)).flat();
		const scores = mul(matmul(q, keys, { transposeB: true }), 1 / Math.sqrt(headDim));
		const weights = mul(exp(scores), tensor(slots, [batch, 1, length, length + 1], q.device));
		return div(matmul(weights, concat([v, relayValue], 2)), sum(weights, { axes: -1, keepDims: true }));
	});
}

/** How many slots of token i hold node j, [length, length + 1]. */
function slotCounts(kept: readonly number[]): number[] {
	const length = kept.length;
	return kept.flatMap((_, i) => {
		const row = new Array<number>(length + 1).fill(0);
		for (const j of [(i + length - 1) % length, i, (i + 1) % length, i])
			row[j] = (row[j] as number) + (kept[j] as number);
		row[length] = 1;
		return row;
	});
}

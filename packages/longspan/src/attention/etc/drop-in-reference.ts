import { div } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { concat } from "../../ops/slice.js";
import { intTensor, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";

/**
 * `etcAttention` by its definition, with dense attention over [tokens; global tokens] and means as products with the whole matrix of who
 * belongs to which segment. For tests, on the reference device.
 */
export function etcAttentionReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{
		radius,
		globalTokens,
		scale,
		keyMask,
	}: { radius: number; globalTokens: number; scale?: number; keyMask?: Tensor<"int32"> | undefined },
): Tensor {
	const [batch, , length] = q.shape as [number, number, number];
	const kept = keyMask ? Array.from(keyMask.dataSync()) : new Array<number>(batch * length).fill(1);
	const segments = segmentLists(length, Math.min(globalTokens, length));
	const perEntry = <T>(make: (kept: readonly number[]) => readonly T[]): T[] =>
		Array.from({ length: batch }, (_, b) => make(kept.slice(b * length, (b + 1) * length))).flat();
	const tokensOf = (mask: readonly number[], segment: readonly number[]) => segment.filter((i) => mask[i] !== 0);
	return scope(() => {
		const belongs = perEntry((mask) =>
			segments.flatMap((segment) => mask.map((part, i) => Number(part !== 0 && segment.includes(i)))),
		);
		const counts = perEntry((mask) => segments.map((segment) => Math.max(1, tokensOf(mask, segment).length)));
		const mean = (x: Tensor) =>
			div(
				matmul(tensor(belongs, [batch, 1, segments.length, length], x.device), x),
				tensor(counts, [batch, 1, segments.length, 1], x.device),
			);
		const nodes = intTensor(
			perEntry((mask) => [...mask, ...segments.map((segment) => Number(tokensOf(mask, segment).length > 0))]),
			[batch, length + segments.length],
			q.device,
		);
		const keys = concat([k, mean(k)], 2);
		const values = maskedSoftmaxReference(mean(q), keys, concat([v, mean(v)], 2), () => true, nodes, scale);
		const sees = (i: number, j: number) => j >= length || Math.abs(i - j) <= radius;
		return maskedSoftmaxReference(q, keys, concat([v, values], 2), sees, nodes, scale);
	});
}

/** The positions of each segment: contiguous, as equal as possible, longer ones first. */
function segmentLists(length: number, count: number): number[][] {
	const lists: number[][] = [];
	for (let first = 0; first < length; ) {
		const size = Math.ceil((length - first) / (count - lists.length));
		lists.push(Array.from({ length: size }, (_, at) => first + at));
		first += size;
	}
	return lists;
}

import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";
import { drawBlocks } from "./draw-blocks.js";
import type { RandomAttentionOptions } from "./index.js";

/** Random attention by its definition: query i of a head sees key j if the block of j is drawn for the block of i. */
export function randomAttentionReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: RandomAttentionOptions & { keyMask?: Tensor<"int32"> | undefined },
): Tensor {
	const { blockSize, seed = 0, causal = false, ownBlock = false, scale, keyMask } = options;
	const count = Math.ceil((q.shape[2] as number) / blockSize);
	const drawn = Array.from({ length: q.shape[1] as number }, (_, head) =>
		Array.from({ length: count }, (_, own) => drawBlocks(own, count, head, { ...options, seed, causal, ownBlock })),
	);
	const sees = (i: number, j: number, head: number): boolean =>
		(drawn[head]?.[Math.floor(i / blockSize)]?.includes(Math.floor(j / blockSize)) ?? false) && (!causal || j <= i);
	return maskedSoftmaxReference(q, k, v, sees, keyMask, scale);
}

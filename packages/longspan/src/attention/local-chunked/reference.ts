import { concat } from "../../ops/slice.js";
import { intTensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";
import type { LocalChunkedOptions } from "./index.js";

/**
 * Chunked attention by its definition. Keys stand there as often as the chunks a query sees: copy a of the keys is the chunk at
 * offset a - before from the query's own.
 */
export function localChunkedReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: LocalChunkedOptions & { keyMask?: Tensor<"int32"> | undefined },
): Tensor {
	const { chunkLength, before = 1, after = 0, causal = false, wrap = "circular", scale, keyMask } = options;
	const [batch, length, copies] = [q.shape[0] as number, q.shape[2] as number, before + 1 + after];
	const count = Math.ceil(length / chunkLength);
	const repeat = (x: Tensor): Tensor => concat(new Array<Tensor>(copies).fill(x), 2);
	const sees = (i: number, at: number): boolean => {
		const [copy, j] = [Math.floor(at / length), at % length];
		const chunk = Math.floor(i / chunkLength) + copy - before;
		const own = Math.floor(j / chunkLength);
		return (wrap === "circular" ? (own - chunk) % count === 0 : own === chunk) && (!causal || j <= i);
	};
	const kept = keyMask?.dataSync();
	const columns = copies * length;
	const mask =
		kept &&
		Array.from(
			{ length: batch * columns },
			(_, at) => kept[Math.floor(at / columns) * length + (at % length)] as number,
		);
	const repeatedMask = mask && intTensor(mask, [batch, columns], q.device);
	return maskedSoftmaxReference(q, repeat(k), repeat(v), sees, repeatedMask, scale);
}

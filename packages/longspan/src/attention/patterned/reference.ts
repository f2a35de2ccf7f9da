import { concat, slice } from "../../ops/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import { maskedSoftmaxReference } from "../full/reference.js";
import type { PatternedOptions, PatternSource } from "./options.js";

const asks = (source: PatternSource, i: number, j: number): boolean =>
	typeof source === "function" ? source(i, j) : source.sees(i, j);

/** Attention with a pattern by its definition: each pair is asked for, for each batch entry and head. */
export function patternedReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: PatternedOptions & { keyMask?: Tensor<"int32"> | undefined },
): Tensor {
	const { pattern, patternOf, causal = false, scale, keyMask } = options;
	const entries = Array.from({ length: q.shape[0] as number }, (_, entry) => {
		const of = <T extends Tensor | Tensor<"int32">>(x: T) => slice(x, 0, entry, entry + 1) as T;
		const sources = Array.from({ length: q.shape[1] as number }, (_, head) => pattern ?? patternOf?.(entry, head));
		const sees = (i: number, j: number, head: number): boolean =>
			(!causal || j <= i) && asks(sources[head] as PatternSource, i, j);
		return maskedSoftmaxReference(of(q), of(k), of(v), sees, keyMask && of(keyMask), scale);
	});
	return concat(entries, 0);
}

import { scope } from "../../tensor/scope.js";
import { checkAppended, checkDecodable } from "../decoding.js";
import type { DecodingSession, DecodingSizes } from "../mechanism.js";
import { causalPlan } from "../plan/builders.js";
import { KeyValueCache } from "../softmax/key-value-cache.js";
import { forAllHeads, softmaxAttention } from "../softmax/softmax-attention.js";

/** Decoding with a cache of all keys and values: time and memory of a step grow with the position. */
export function startFullDecoding(sizes: DecodingSizes, causal: boolean, scale: number | undefined): DecodingSession {
	checkDecodable("full", causal);
	const cache = new KeyValueCache(sizes);
	return {
		get position() {
			return cache.length;
		},
		get stateBytes() {
			return cache.bytes;
		},
		append(q, k, v) {
			const length = checkAppended("full", sizes, q, k, v);
			const before = cache.length;
			cache.append(k, v);
			// The plan ends at the query's own position: the free end of the buffers is not seen.
			const plans = forAllHeads(causalPlan(length, cache.capacity, before));
			return scope(() => softmaxAttention(q, cache.keys, cache.values, plans, { scale }, "full").output);
		},
		dispose: () => cache.dispose(),
	};
}

import { pad, slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkAppended } from "../decoding.js";
import type { DecodingSession, DecodingSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { gatherPlan } from "../plan/gather.js";
import { lastRows } from "../plan/last-rows.js";
import { attendParts } from "./attend-parts.js";
import { KeyValueCache } from "./key-value-cache.js";
import { softmaxAttention } from "./softmax-attention.js";

/** A causal pattern as a decoding session reads it. */
export interface DecodedPattern {
	/** Name for errors. */
	readonly name: string;
	readonly scale?: number | undefined;
	/**
	 * Plans of a whole sequence of this length; those of several parts are merged. If tokens before position `base` are forgotten, the
	 * sequence is what is left: the pinned ones of them, then all from there on.
	 */
	partsOf(length: number, base: number): readonly HeadPlans[];
	/** Keys that the query at `position` sees: a list for each different pattern, and which one each head uses. */
	visible(position: number): { readonly lists: readonly ArrayLike<number>[]; readonly headMap: readonly number[] };
	/**
	 * Tokens before this position, but for the pinned ones, are seen by no query from `position` on; forgetting them must leave the
	 * pattern as it is. Default: nothing is forgotten.
	 */
	forgets?(position: number): number;
	/** Positions that are never forgotten, ascending. Default: none. */
	readonly pinned?: readonly number[];
}

/**
 * Decoding with a cache of keys and values of which a step reads only those it sees. Several tokens at once run the plan of
 * the whole sequence for their rows alone.
 */
export function startCachedDecoding(sizes: DecodingSizes, pattern: DecodedPattern): DecodingSession {
	const { name, scale, partsOf, visible, forgets = () => 0, pinned = [] } = pattern;
	const cache = new KeyValueCache(sizes);
	let position = 0;
	/** Tokens before this position are forgotten but for `kept` pinned ones, which are the first in the cache. */
	let base = 0;
	let kept = 0;
	const pinnedSlots = new Map(pinned.map((key, slot) => [key, slot]));
	const slotOf = (key: number) => (key >= base ? kept + key - base : (pinnedSlots.get(key) ?? -1));

	/** Only when half of the cache is old, so that moving the rest costs little per token. */
	const forget = (): void => {
		const oldest = forgets(position);
		if (oldest - base < Math.max(64, cache.length / 2)) return;
		const moving = pinned.filter((key) => key >= base && key < oldest).map(slotOf);
		cache.retain([[0, kept], ...moving.map((slot) => [slot, slot + 1] as const), [slotOf(oldest), cache.length]]);
		kept += moving.length;
		base = oldest;
	};

	const attendOne = (q: Tensor): Tensor => {
		const { lists, headMap } = visible(position);
		const columns = cache.capacity;
		const plans = lists.map((list) => gatherPlan({ rows: 1, columns, columnList: Int32Array.from(list, slotOf) }));
		return scope(() => softmaxAttention(q, cache.keys, cache.values, { plans, headMap }, { scale }, name).output);
	};

	/** Several tokens: `before` tokens of the cache are ahead of them, whose queries are left out. */
	const attendMany = (q: Tensor, length: number): Tensor => {
		const before = slotOf(position);
		const parts = partsOf(before + length, base).map(({ plans, headMap }) => ({
			plans: plans.map((plan) => lastRows(plan, before)),
			headMap,
		}));
		return scope(() => {
			const [keys, values] = [cache.keys, cache.values].map((rows) => slice(rows, 2, 0, before + length));
			const out = attendParts(pad(q, 2, before, 0), keys as Tensor, values as Tensor, parts, { scale }, name);
			return slice(out, 2, before);
		});
	};

	return {
		get position() {
			return position;
		},
		get stateBytes() {
			return cache.bytes;
		},
		append(q, k, v) {
			const length = checkAppended(name, sizes, q, k, v);
			forget();
			cache.append(k, v);
			const output = length === 1 ? attendOne(q) : attendMany(q, length);
			position += length;
			return output;
		},
		dispose: () => cache.dispose(),
	};
}

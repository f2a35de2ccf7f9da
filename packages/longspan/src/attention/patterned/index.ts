import type { AttentionSizes } from "../../backends/backend.js";
import { scope } from "../../tensor/scope.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import type { Attention, DecodingSession, DecodingSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { type Pattern, patternPlan } from "../plan/pattern.js";
import { cachePlans } from "../plan/plan-cache.js";
import { checkSameLength } from "../sizes.js";
import { startCachedDecoding } from "../softmax/cached-decoding.js";
import { softmaxCost } from "../softmax/cost.js";
import { softmaxAttention } from "../softmax/softmax-attention.js";
import { checkPatternedOptions, headPatterns, name, type PatternedOptions } from "./options.js";

export type { PatternedOptions, PatternSource } from "./options.js";

/**
 * Softmax attention with a pattern of your own: which keys each query sees, from a function of positions or from patterns put together
 * with `and`, `or` and `not`. Time and memory of a call grow with the tiles that hold a visible pair. Without hints, plans are made by
 * asking for every pair once per length; they are kept for later calls, so a pattern must not change. Queries and keys
 * may differ in length unless causal.
 *
 * @throws OptionError without a pattern
 * @example
 * const attend = patterned({ pattern: (i, j) => j % 100 === 0 || Math.abs(i - j) < 8, causal: true });
 * const perHead = patterned({ patternOf: (batch, head) => bandPattern(-(2 ** head), 2 ** head) });
 */
export function patterned(options: PatternedOptions): Attention {
	checkPatternedOptions(options);
	const { causal = false, scale } = options;
	const cached = cachePlans((queries: number, keys: number, batch: number, heads: number) =>
		patternPlans(queries, keys, options, batch, heads),
	);
	const plansOf = (queries: number, keys: number, batch: number, heads: number) =>
		options.pattern ? cached(queries, keys, 1, 1) : cached(queries, keys, batch, heads);
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const plans = ({ batch, heads, queryLength, keyLength }: AttentionSizes) => {
				if (causal) checkSameLength(name, queryLength, keyLength);
				return plansOf(queryLength, keyLength, batch, heads);
			};
			return scope(() => softmaxAttention(q, k, v, plans, { keyMask, scale }, name).output);
		},
		{
			description: `pattern${options.patternOf ? " by head" : ""}${causal ? ", causal" : ""}`,
			causal,
			cost(length, sizes = {}) {
				const plans = plansOf(length, length, sizes.batch ?? 1, sizes.heads ?? 1);
				const { bytes, ...cost } = softmaxCost(plans, length, sizes);
				return { ...cost, bytes: bytes + bitmapBytes(plans) };
			},
			connectivity: (length, heads = 1) => ({ kind: "tiles", parts: [plansOf(length, length, 1, heads)] }),
			startDecoding: (sizes) => startPatternDecoding(sizes, options),
		},
	);
}

function patternPlans(
	queries: number,
	keys: number,
	options: PatternedOptions,
	batch: number,
	heads: number,
): HeadPlans {
	const { patterns, headMap } = headPatterns(options, batch, heads);
	return { plans: patterns.map((each) => patternPlan(queries, keys, each)), headMap };
}

/** Memory of the plans of a call, which the bitmaps are nearly all of. */
function bitmapBytes({ plans }: HeadPlans): number {
	let bytes = 0;
	for (const { rules } of plans) for (const { bitmap } of rules) bytes += bitmap?.byteLength ?? 0;
	return bytes;
}

function startPatternDecoding(sizes: DecodingSizes, options: PatternedOptions): DecodingSession {
	checkDecodable(name, options.causal ?? false);
	const { batch, heads } = sizes;
	const { patterns, headMap } = headPatterns(options, batch, heads);
	return startCachedDecoding(sizes, {
		name,
		scale: options.scale,
		partsOf: (length) => [{ plans: patterns.map((each) => patternPlan(length, length, each)), headMap }],
		visible: (position) => ({ lists: patterns.map((each) => keysSeen(each, position)), headMap }),
	});
}

/** The keys a causal pattern shows the query at `position`. */
function keysSeen(visible: Pattern, position: number): number[] {
	const { first, last } = visible.reach(position, position);
	const keys: number[] = [];
	for (let j = Math.max(0, first); j <= Math.min(position, last); j++) if (visible.sees(position, j)) keys.push(j);
	return keys;
}

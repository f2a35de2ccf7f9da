import type { AttentionSizes } from "../../backends/backend.js";
import { OptionError } from "../../errors.js";
import { checkChoice, checkFlag, checkNumber, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import type { Attention, DecodingSession, DecodingSizes } from "../mechanism.js";
import { cachePlans } from "../plan/plan-cache.js";
import { checkSameLength } from "../sizes.js";
import { startCachedDecoding } from "../softmax/cached-decoding.js";
import { softmaxCost } from "../softmax/cost.js";
import { forAllHeads, softmaxAttention } from "../softmax/softmax-attention.js";
import { type Chunks, chunkPlan } from "./plans.js";

const name = "localChunked";

export interface LocalChunkedOptions {
	/** Tokens in a chunk; the last one may be short. At least 1. */
	chunkLength: number;
	/** Chunks before its own that a query sees. Default: 1. */
	before?: number;
	/** Chunks after its own that a query sees; 0 if causal. Default: 0. */
	after?: number;
	/** Each query sees the keys up to its own position only. Default: false. */
	causal?: boolean;
	/**
	 * What lies before the first chunk and after the last: the sequence once more, as in the released code (`circular`), or nothing
	 * (`none`). Default: circular.
	 */
	wrap?: "circular" | "none";
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

/**
 * Softmax attention between neighbouring chunks of the sequence, the local layers of Reformer (Kitaev et al. 2020, arXiv 2001.04451)
 * as released: in trax, and as `local` layers in transformers. Time and memory grow with the length times the chunk length.
 *
 * @throws OptionError for chunks after the query's own with `causal: true`
 * @example
 * const attend = localChunked({ chunkLength: 64, causal: true });
 * const out = attend(q, k, v);
 */
export function localChunked(options: LocalChunkedOptions): Attention {
	checkOptions(name, options, {
		chunkLength: true,
		before: true,
		after: true,
		causal: true,
		wrap: true,
		scale: true,
	});
	const { chunkLength, before = 1, after = 0, causal = false, wrap = "circular", scale } = options;
	checkNumber(name, "chunkLength", chunkLength, { min: 1, integer: true });
	checkNumber(name, "before", before, { min: 0, integer: true });
	checkNumber(name, "after", after, { min: 0, integer: true });
	checkFlag(name, "causal", causal);
	checkChoice(name, "wrap", wrap, ["circular", "none"]);
	if (scale !== undefined) checkNumber(name, "scale", scale);
	if (causal && after > 0)
		throw new OptionError(
			`${name}: after is ${after} with causal: true; expected 0, since the chunks after a query's own hold later keys only`,
		);
	const chunks: Chunks = { chunkLength, before, after, causal, wrap };
	const plansOf = cachePlans((length: number) => forAllHeads(chunkPlan(length, chunks)));
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const plans = ({ queryLength, keyLength }: AttentionSizes) => {
				checkSameLength(name, queryLength, keyLength);
				return plansOf(queryLength);
			};
			return scope(() => softmaxAttention(q, k, v, plans, { keyMask, scale }, name).output);
		},
		{
			description: `local chunks of ${chunkLength}, ${before} before, ${after} after${wrap === "none" ? ", no wrap" : ""}${causal ? ", causal" : ""}`,
			causal,
			cost: (length, sizes = {}) => softmaxCost(plansOf(length), length, sizes),
			connectivity: (length) => ({ kind: "tiles", parts: [plansOf(length)] }),
			startDecoding: (sizes) => startChunkDecoding(sizes, chunks, scale),
		},
	);
}

/** Decoding that remembers the chunks a query sees. */
function startChunkDecoding(sizes: DecodingSizes, chunks: Chunks, scale: number | undefined): DecodingSession {
	const { chunkLength, before, causal, wrap } = chunks;
	checkDecodable(name, causal);
	if (wrap === "circular" && before > 1)
		throw new OptionError(
			`${name}: startDecoding needs wrap: "none" where before is ${before}: wrapped around, keys of a sequence of at most ${before} chunks count several times, until it grows`,
		);
	const firstSeen = (position: number) => Math.max(0, Math.floor(position / chunkLength) - before) * chunkLength;
	return startCachedDecoding(sizes, {
		name,
		scale,
		// One chunk before it wraps onto keys that are hidden, or, where there is one chunk, onto all keys alike.
		partsOf: (length) => [forAllHeads(chunkPlan(length, { ...chunks, wrap: "none" }))],
		visible(position) {
			const first = firstSeen(position);
			return { lists: [Array.from({ length: position + 1 - first }, (_, at) => first + at)], headMap: [0] };
		},
		forgets: firstSeen,
	});
}

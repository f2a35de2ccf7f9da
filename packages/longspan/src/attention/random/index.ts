import type { AttentionSizes } from "../../backends/backend.js";
import { OptionError } from "../../errors.js";
import { checkFlag, checkNumber, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import type { Attention, DecodingSession, DecodingSizes } from "../mechanism.js";
import { blockPlan } from "../plan/blocks.js";
import type { HeadPlans } from "../plan/encode.js";
import { cachePlans } from "../plan/plan-cache.js";
import { checkSameLength } from "../sizes.js";
import { startCachedDecoding } from "../softmax/cached-decoding.js";
import { softmaxCost } from "../softmax/cost.js";
import { softmaxAttention } from "../softmax/softmax-attention.js";
import { drawBlocks, type RandomBlocks } from "./draw-blocks.js";

const name = "randomAttention";

export interface RandomAttentionOptions {
	/** Tokens in a block, of queries and of keys; the last one may be short. At least 1. */
	blockSize: number;
	/** Different key blocks drawn for each head and block of queries. At least 1. */
	blocks: number;
	/** Names the draws. Integer from 0 to 2^53 - 1. Default: 0. */
	seed?: number;
	/** Blocks are drawn among those up to the query's own, and keys after the query are hidden. Default: false. */
	causal?: boolean;
	/** Each query also sees its own block, besides those drawn. Default: false. */
	ownBlock?: boolean;
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

interface RandomPattern extends RandomBlocks {
	readonly blockSize: number;
}

/**
 * Softmax attention to random blocks of keys alone: the random part of BigBird (Zaheer et al. 2020, arXiv 2007.14062, section 2), and the
 * baseline that says what a pattern is worth beyond its number of pairs. Time and memory grow with the length times `blocks`.
 *
 * @throws OptionError if more blocks are to be drawn than there are
 * @example
 * const attend = randomAttention({ blockSize: 64, blocks: 3, seed: 1 });
 * const out = attend(q, k, v);
 */
export function randomAttention(options: RandomAttentionOptions): Attention {
	checkOptions(name, options, {
		blockSize: true,
		blocks: true,
		seed: true,
		causal: true,
		ownBlock: true,
		scale: true,
	});
	const { blockSize, blocks, seed = 0, causal = false, ownBlock = false, scale } = options;
	checkNumber(name, "blockSize", blockSize, { min: 1, integer: true });
	checkNumber(name, "blocks", blocks, { min: 1, integer: true });
	checkNumber(name, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	checkFlag(name, "causal", causal);
	checkFlag(name, "ownBlock", ownBlock);
	if (scale !== undefined) checkNumber(name, "scale", scale);
	const pattern: RandomPattern = { blockSize, blocks, seed, causal, ownBlock };
	const cached = cachePlans((length: number, heads: number) => randomPlans(length, heads, pattern));
	const plansOf = (length: number, heads = 1) => {
		checkLength(length, pattern);
		return cached(length, heads);
	};
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const plans = ({ heads, queryLength, keyLength }: AttentionSizes) => {
				checkSameLength(name, queryLength, keyLength);
				return plansOf(queryLength, heads);
			};
			return scope(() => softmaxAttention(q, k, v, plans, { keyMask, scale }, name).output);
		},
		{
			description: `random, ${blocks} blocks of ${blockSize}${ownBlock ? " and its own" : ""}${causal ? ", causal" : ""}`,
			causal,
			cost: (length, sizes = {}) => softmaxCost(plansOf(length, sizes.heads), length, sizes),
			connectivity: (length, heads) => ({ kind: "tiles", parts: [plansOf(length, heads)] }),
			startDecoding: (sizes) => startRandomDecoding(sizes, pattern, scale),
		},
	);
}

function randomPlans(length: number, heads: number, pattern: RandomPattern): HeadPlans {
	const count = Math.ceil(length / pattern.blockSize);
	const planOf = (head: number) =>
		blockPlan({
			rows: length,
			columns: length,
			rowBlock: pattern.blockSize,
			sees: (own) => drawBlocks(own, count, head, pattern).map((block) => ({ first: block, last: block })),
			...(pattern.causal && { rule: { maxOffset: 0 } }),
		});
	const order = Array.from({ length: heads }, (_, head) => head);
	return { plans: order.map(planOf), headMap: order };
}

/** Checks that as many blocks can be drawn as are asked for; if causal, early queries see fewer in any case. */
function checkLength(length: number, { blockSize, blocks, ownBlock, causal }: RandomPattern): void {
	const candidates = Math.ceil(length / blockSize) - Number(ownBlock);
	if (!causal && blocks > candidates)
		throw new OptionError(
			`${name}: blocks is ${blocks} for ${candidates} blocks of ${blockSize} to draw from (length ${length}${ownBlock ? ", without the query's own" : ""}); expected no more: use smaller blocks, or full()`,
		);
}

function startRandomDecoding(sizes: DecodingSizes, pattern: RandomPattern, scale: number | undefined): DecodingSession {
	checkDecodable(name, pattern.causal);
	const { blockSize } = pattern;
	const headMap = Array.from({ length: sizes.heads }, (_, head) => head);
	const visible = (position: number, head: number): number[] => {
		const own = Math.floor(position / blockSize);
		return drawBlocks(own, own + 1, head, pattern).flatMap((block) => {
			const first = block * blockSize;
			return Array.from({ length: Math.min(blockSize, position + 1 - first) }, (_, at) => first + at);
		});
	};
	return startCachedDecoding(sizes, {
		name,
		scale,
		partsOf: (length) => [randomPlans(length, sizes.heads, pattern)],
		visible: (position) => ({ lists: headMap.map((head) => visible(position, head)), headMap }),
	});
}

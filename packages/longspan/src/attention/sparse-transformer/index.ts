import type { AttentionSizes } from "../../backends/backend.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import type { Attention } from "../mechanism.js";
import { cachePlans } from "../plan/plan-cache.js";
import { checkSameLength } from "../sizes.js";
import { attendParts } from "../softmax/attend-parts.js";
import { startCachedDecoding } from "../softmax/cached-decoding.js";
import { softmaxCost } from "../softmax/cost.js";
import { checkHeads, checkLength, name, type SparseTransformerOptions, sparsePattern } from "./options.js";
import { firstSeen, visibleKeys } from "./pattern.js";
import { partBuilders } from "./plans.js";

export type { SparseTransformerOptions } from "./options.js";

/**
 * Factorised attention of the Sparse Transformer (Child et al. 2019, arXiv 1904.10509, sections 4 and 5.1): two small sets of keys, each
 * cheap, through which every key is reached in two steps. With a stride near the square root of the length, time grows with
 * length^1.5. Any length above the stride; it need not be a multiple.
 *
 * @throws OptionError for options that contradict each other, a stride not below the length (but for `local`), or heads that are no
 * multiple of the kinds of heads
 * @example
 * const attend = sparseTransformer({ pattern: "fixed", stride: 128, summary: 16 });
 * const out = attend(q, k, v);
 */
export function sparseTransformer(options: SparseTransformerOptions): Attention {
	const pattern = sparsePattern(options);
	const { scale } = options;
	const { causal, headSets } = pattern;
	const builders = partBuilders(pattern);
	const cached = builders.map((build) => cachePlans(build));
	const partsOf = (length: number, heads = headSets.length) => {
		checkLength(pattern, length);
		return cached.map((plansOf) => plansOf(length, heads));
	};
	return defineAttention(
		(q, k, v, { keyMask }) => {
			const parts = ({ heads, queryLength, keyLength }: AttentionSizes) => {
				checkSameLength(name, queryLength, keyLength);
				checkHeads(pattern, heads);
				return partsOf(queryLength, heads);
			};
			return attendParts(q, k, v, parts, { keyMask, scale }, name);
		},
		{
			description: describe(options),
			causal,
			cost: (length, sizes = {}) => softmaxCost(partsOf(length), length, sizes),
			connectivity: (length, heads) => ({ kind: "tiles", parts: partsOf(length, heads) }),
			startDecoding: (sizes) => {
				checkDecodable(name, causal);
				checkHeads(pattern, sizes.heads);
				const distinct = [...new Set(headSets)];
				const repeats = distinct.length === 1 ? 1 : sizes.heads / headSets.length;
				const headMap = Array.from({ length: repeats }, () => headSets.map((set) => distinct.indexOf(set))).flat();
				return startCachedDecoding(sizes, {
					name,
					scale,
					// No check of the length: the sequence may still grow beyond the stride.
					partsOf: (length) => builders.map((build) => build(length, sizes.heads)),
					visible: (position) => ({ lists: distinct.map((set) => visibleKeys(position, set, pattern)), headMap }),
					forgets: (position) => firstSeen(position, pattern),
				});
			},
		},
	);
}

function describe({ pattern, stride, combine, layer, summary, subBlocks, causal }: SparseTransformerOptions): string {
	const cells = summary === undefined ? "" : ` summary ${summary}${subBlocks ? ` of ${subBlocks} sub-blocks` : ""}`;
	const sets = pattern === "local" ? "" : `, ${combine ?? "merged"}${layer === undefined ? "" : ` at layer ${layer}`}`;
	return `sparse ${pattern} ${stride}${cells}${sets}${causal === false ? "" : ", causal"}`;
}

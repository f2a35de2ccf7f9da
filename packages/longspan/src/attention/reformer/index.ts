import { checkNumber } from "../../ops/operands.js";
import { normal } from "../../ops/random.js";
import { currentDevice } from "../../tensor/device.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineAttention } from "../define-attention.js";
import type { AttendOptions, Attention } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { attentionSizes, checkKeyMask, checkSameLength } from "../sizes.js";
import { attendRounds, normalizedKeys } from "./attend-rounds.js";
import { bucketCount, bucketFactors } from "./buckets.js";
import { reformerCost } from "./cost.js";
import { startReformerDecoding } from "./decoding.js";
import { checkRotations, checkShared, drawRotations, hashTokens, rotationsPerRound } from "./hash.js";
import { type ReformerOptions, reformerSettings } from "./options.js";
import { reformerPlans, separatePadding } from "./plans.js";

export type { ReformerOptions, ReformerPreset } from "./options.js";

export interface ReformerCallOptions extends AttendOptions {
	/** Rounds of hashing in this call: more of them, at test time, come closer to full attention. Default: the mechanism's. */
	numHashes?: number | undefined;
	/**
	 * Rotations to hash by, [heads, headDim, numHashes, half the sum of the bucket factors], that of the first factor first.
	 * Default: drawn from the seed, for each head, and shared by the batch.
	 */
	rotations?: Tensor | undefined;
}

export interface Reformer extends Attention<ReformerCallOptions> {
	/**
	 * The keys that each query of these very tokens sees: hashes and sorts them, and makes the plans of every round (one plan, if the
	 * sequence is so short that it is attended to in full).
	 *
	 * @param qk [batch, heads, length, headDim]
	 */
	plansOf(qk: Tensor, options?: ReformerCallOptions): HeadPlans[];
}

const name = "reformer";
/** Width of the random tokens that a picture is made of. */
const pictureDim = 64;

/**
 * LSH attention (Kitaev et al. 2020, Reformer, arXiv 2001.04451): queries serve as keys, are sorted by a random hash, and see the
 * tokens in their own chunk of the sorted order and the chunks beside it. Memory is linear in the length, and so is time but for the hash, whose rotations
 * grow with the number of buckets (see the README).
 * Call it as attend(qk, qk, v). The host reads the hashes (and a key mask) to sort, which waits for the device.
 *
 * @throws OptionError for options out of range, odd bucket counts, removeDuplicates without bucketMask, or a k that is not q
 * @example
 * const attend = reformer({ causal: true, chunkLength: 64, numHashes: 4 });
 * const out = attend(qk, qk, v, { keyMask });
 */
export function reformer(options: ReformerOptions = {}): Reformer {
	const settings = reformerSettings(name, options);
	const { causal, chunkLength, numHashes, fullAttentionBelow, seed } = settings;
	const plans = reformerPlans(settings);
	const factorsOf = (length: number) => bucketFactors(settings.buckets, settings.autoBuckets, length, chunkLength);

	const plansOf = (q: Tensor, call: ReformerCallOptions = {}): HeadPlans[] => {
		const { device: _, ...tensorSizes } = attentionSizes(name, q, q, q);
		const { keyMask, rotations, numHashes: rounds = numHashes } = call;
		if (keyMask) checkKeyMask(name, keyMask, tensorSizes);
		checkNumber(name, "numHashes", rounds, { min: 1, integer: true });
		const { batch, heads, queryLength: length, headDim } = tensorSizes;
		if (length <= fullAttentionBelow) return [plans.full(length)];
		const factors = factorsOf(length);
		const sizes = { heads, headDim, rounds, factors };
		if (rotations) checkRotations(name, rotations, q, sizes);
		const codes = scope(() => hashTokens(q, rotations ?? drawRotations(sizes, seed, q.device), factors));
		const tokens = { codes, buckets: bucketCount(factors), entries: batch * heads, length };
		return plans.hashed(separatePadding(tokens, keyMask?.dataSync() ?? null));
	};

	const attend = defineAttention<ReformerCallOptions>(
		(q, k, v, call) => {
			const { queryLength, keyLength } = attentionSizes(name, q, k, v);
			checkSameLength(name, queryLength, keyLength);
			checkShared(name, q, k);
			const rounds = plansOf(q, call);
			return scope(() => attendRounds(q, normalizedKeys(q, settings), v, v, rounds, settings, call.keyMask, name));
		},
		{
			description: `LSH chunk ${chunkLength}, ${numHashes} ${numHashes === 1 ? "round" : "rounds"}${causal ? ", causal" : ""}`,
			causal,
			sharesQueryKey: true,
			cost: (length, sizes = {}) =>
				reformerCost(
					settings,
					length,
					sizes,
					length <= fullAttentionBelow
						? { full: plans.full(length) }
						: {
								layout: plans.layout(length, numHashes),
								rounds: numHashes,
								rotations: rotationsPerRound(factorsOf(length)),
							},
				),
			connectivity: (length, heads = 1) => ({
				kind: "tiles",
				parts: scope(() => plansOf(normal([1, heads, length, pictureDim], { seed, stream: 1 }, currentDevice()))),
			}),
			startDecoding: (sizes) => startReformerDecoding(sizes, { name, settings, plans, factorsOf }),
		},
		{ numHashes: true, rotations: true },
	);
	return Object.assign(attend, { plansOf });
}

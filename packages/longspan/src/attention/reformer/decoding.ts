import { concat, slice } from "../../ops/slice.js";
import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkAppended, checkDecodable } from "../decoding.js";
import type { DecodingSession, DecodingSizes } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { gatherPlan } from "../plan/gather.js";
import { KeyValueCache } from "../softmax/key-value-cache.js";
import { attendRounds, normalizedKeys } from "./attend-rounds.js";
import { BucketLists } from "./bucket-lists.js";
import { bucketCount } from "./buckets.js";
import { checkShared, drawRotations, hashTokens } from "./hash.js";
import type { ReformerSettings } from "./options.js";
import type { ReformerPlans } from "./plans.js";
import { visibleTokens } from "./visible-tokens.js";

/** What a session needs of its mechanism. */
export interface ReformerParts {
	readonly name: string;
	readonly settings: ReformerSettings;
	readonly plans: ReformerPlans;
	readonly factorsOf: (length: number) => readonly number[];
}

/** Rotations of a session, and the tokens of each batch entry, head and round by their buckets. */
interface HashedTokens {
	readonly rotations: Tensor;
	readonly factors: readonly number[];
	/** [batch * heads][rounds] */
	readonly lists: readonly (readonly BucketLists[])[];
}

/**
 * Decoding by the rule that a cache of buckets intends: a token sees what it would see as the last one of a call over all tokens
 * so far. The buckets are never sorted again: a step finds its place in each round by counting, and reads only the keys it sees.
 * A prompt is one call of the ordinary form, whose early tokens are sorted among later ones; that and the steps differ.
 */
export function startReformerDecoding(sizes: DecodingSizes, parts: ReformerParts): DecodingSession {
	const { name, settings, plans, factorsOf } = parts;
	const { numHashes: rounds, fullAttentionBelow, seed } = settings;
	checkDecodable(name, settings.causal);
	const { batch, heads, headDim } = sizes;
	const entries = batch * heads;
	const cache = new KeyValueCache(sizes);
	let hashed: HashedTokens | null = null;

	const startHashing = (firstLength: number, device: Tensor["device"]): HashedTokens => {
		// An automatic number of buckets is that of the first piece, and stays: buckets are compared with those of later tokens.
		const factors = factorsOf(Math.max(firstLength, fullAttentionBelow + 1));
		const buckets = bucketCount(factors);
		return {
			rotations: keep(drawRotations({ heads, headDim, rounds, factors }, seed, device)),
			factors,
			lists: Array.from({ length: entries }, () => Array.from({ length: rounds }, () => new BucketLists(buckets))),
		};
	};

	/** Hashes the next tokens and puts them in their buckets; returns the codes. */
	const remember = ({ rotations, factors, lists }: HashedTokens, q: Tensor, first: number): Int32Array[] => {
		const codes = hashTokens(q, rotations, factors);
		const length = q.shape[2] as number;
		lists.forEach((ofEntry, entry) => {
			ofEntry.forEach((list, round) => {
				const own = (codes[round] as Int32Array).subarray(entry * length, (entry + 1) * length);
				own.forEach((bucket, t) => {
					list.add(bucket, first + t);
				});
			});
		});
		return codes;
	};

	/** The prompt: one call of the ordinary form. */
	const attendPrompt = (q: Tensor, v: Tensor, { factors }: HashedTokens, codes: readonly Int32Array[]): Tensor => {
		const length = q.shape[2] as number;
		const ofRounds =
			length <= fullAttentionBelow
				? [plans.full(length)]
				: plans.hashed({ codes, buckets: bucketCount(factors), entries, length });
		return scope(() => attendRounds(q, normalizedKeys(q, settings), v, v, ofRounds, settings, undefined, name));
	};

	/** The token at the end of the cache, whose buckets are `codes`. */
	const attendOne = (q: Tensor, v: Tensor, { lists }: HashedTokens, codes: readonly Int32Array[]): Tensor => {
		const plansOfStep = stepPlans(lists, codes);
		return scope(() => attendRounds(q, cache.keys, cache.values, v, [plansOfStep], settings, undefined, name));
	};

	const stepPlans = (lists: HashedTokens["lists"], codes: readonly Int32Array[]): HeadPlans => {
		const gather = (columnList: ArrayLike<number>) => gatherPlan({ rows: 1, columns: cache.capacity, columnList });
		const own = cache.length - 1;
		if (cache.length <= fullAttentionBelow) {
			const count = settings.excludeSelf ? own : own + 1;
			return { plans: [gather(Int32Array.from({ length: count }, (_, t) => t))], headMap: [0] };
		}
		return {
			plans: lists.map((ofEntry, entry) =>
				gather(
					visibleTokens(
						ofEntry,
						codes.map((ofRound) => ofRound[entry] as number),
						own,
						settings,
					),
				),
			),
			headMap: Array.from({ length: entries }, (_, entry) => entry),
		};
	};

	const appendPiece = (q: Tensor, v: Tensor): Tensor => {
		const first = cache.length;
		hashed ??= startHashing(q.shape[2] as number, q.device);
		const codes = remember(hashed, q, first);
		scope(() => cache.append(normalizedKeys(q, settings), v));
		return (q.shape[2] as number) > 1 ? attendPrompt(q, v, hashed, codes) : attendOne(q, v, hashed, codes);
	};

	return {
		get position() {
			return cache.length;
		},
		get stateBytes() {
			return cache.bytes + 4 * entries * rounds * cache.length;
		},
		append(q, k, v) {
			const length = checkAppended(name, sizes, q, k, v);
			checkShared(name, q, k);
			if (cache.length === 0 || length === 1) return appendPiece(q, v);
			return scope(() =>
				concat(
					Array.from({ length }, (_, t) => appendPiece(slice(q, 2, t, t + 1), slice(v, 2, t, t + 1))),
					2,
				),
			);
		},
		dispose() {
			cache.dispose();
			hashed?.rotations.dispose();
			hashed = null;
		},
	};
}

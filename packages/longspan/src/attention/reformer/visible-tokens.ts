import type { BucketLists } from "./bucket-lists.js";
import { chunkAt, neighbourhoodOf } from "./neighbourhood.js";
import type { ReformerSettings } from "./options.js";

/**
 * The tokens that the newest one, at `position`, sees, as often as it sees them: those of its chunk and the chunks beside it in the
 * sorted order of every round. Takes time in proportion to them and to the number of buckets.
 *
 * @param rounds the tokens so far, the newest among them, by bucket
 * @param buckets of the newest token, by round
 */
export function visibleTokens(
	rounds: readonly BucketLists[],
	buckets: readonly number[],
	position: number,
	settings: ReformerSettings,
): number[] {
	const { chunkLength, bucketMask, removeDuplicates, excludeSelf } = settings;
	const chunks = Math.ceil((position + 1) / chunkLength);
	const { before, after, wrap } = neighbourhoodOf(settings, rounds.length, chunks);
	const found: number[] = [];
	rounds.forEach((lists, round) => {
		const own = lists.slotsOf(buckets[round] as number);
		// It is the last of its bucket.
		const chunk = Math.floor((own.end - 1) / chunkLength);
		for (let next = chunk - before; next <= chunk + after; next++) {
			const place = chunkAt(wrap, { rounds: rounds.length, chunks }, round, next);
			if (!place) continue;
			let from = place.chunk * chunkLength;
			let until = Math.min(position + 1, from + chunkLength);
			if (bucketMask) [from, until] = [Math.max(from, own.first), Math.min(until, own.end)];
			(rounds[place.round] as BucketLists).forEachIn(from, until, (token) => {
				if (!excludeSelf || token !== position) found.push(token);
			});
		}
	});
	return removeDuplicates ? [...new Set(found)] : found;
}

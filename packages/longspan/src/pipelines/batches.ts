/** Tokens that are computed together, unless one input alone has more: what bounds the memory of a batch. */
const tokensOfBatch = 4096;

/**
 * Model types whose results depend on how far an input is padded: LSH attention sorts and cuts the padding along with the tokens, and
 * the last block of BigBird, which sees all, would be padding.
 */
const padsNever = new Set(["reformer", "big_bird", "bigbird_pegasus"]);

/** Whether the results of models of a `model_type` depend on padding. */
export function paddingMatters(modelType: string): boolean {
	return padsNever.has(modelType);
}

/**
 * Puts inputs together that are computed together, the longest first. Every input is in one batch; the inputs of a batch are
 * similar in length.
 *
 * @param most most inputs of a batch
 * @param sameLength whether the inputs of a batch are all of one length
 */
export function batchesOf<Item extends { readonly length: number }>(
	items: readonly Item[],
	most: number,
	sameLength: boolean,
): Item[][] {
	const sorted = items.toSorted((a, b) => b.length - a.length);
	const batches: Item[][] = [];
	let batch: Item[] = [];
	for (const item of sorted) {
		const longest = batch[0]?.length ?? item.length;
		const fits = batch.length < most && (batch.length + 1) * longest <= Math.max(tokensOfBatch, longest);
		if (batch.length === 0 || !fits || (sameLength && item.length !== longest)) {
			batch = [];
			batches.push(batch);
		}
		batch.push(item);
	}
	return batches;
}

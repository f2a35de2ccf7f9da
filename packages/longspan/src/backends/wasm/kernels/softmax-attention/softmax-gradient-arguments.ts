@unmanaged
export class SoftmaxGradientArguments {
	/** A SoftmaxGradientPhase. */
	phase: i32;
	q: usize;
	k: usize;
	v: usize;
	keyMask: usize;
	/** Transposed: rows are keys, columns queries. */
	plans: usize;
	out: usize;
	logSumExp: usize;
	dOut: usize;
	/** 0 for none. */
	dLogSumExp: usize;
	dq: usize;
	dk: usize;
	dv: usize;
	/** [batch * heads, queryLength]: dOut·out - dLogSumExp. */
	delta: usize;
	/** Two int64 to add to: tiles visited, pairs of slots computed. */
	counters: usize;
	entries: i32;
	heads: i32;
	queryLength: i32;
	keyLength: i32;
	headDim: i32;
	valueDim: i32;
	scale: f32;
	/** Shares of a head, and the outputs of all but the first: dq, then dk and dv if keys may belong to several shares. */
	shares: i32;
	partials: usize;
	partialBytes: usize;
	/** Offsets of dk and dv in a partial; 0 where the shares write disjoint keys of the common ones. */
	partialKeys: usize;
	partialValues: usize;
	/** Offsets in scratch. State of the walk and its parts, and the slots of the queries whose gradient is in `queryGradient`. */
	walk: usize;
	visible: usize;
	rows: usize;
	columns: usize;
	pending: usize;
	/** For the queries of a tile, [64]: logSumExp in base 2 and delta. */
	shift: usize;
	deltas: usize;
	/** Strips of keys (scaled) and their gradient [headDim][16], of values and their gradient [valueDim][16]. */
	keys: usize;
	keyGradient: usize;
	values: usize;
	valueGradient: usize;
	/** A strip of scores, then weights, and of the gradients of weights, then scores, [64 queries][16 keys]. */
	weights: usize;
	scoreGradient: usize;
	/** Room for gathered rows of k and q [64][headDim], v and dOut [64][valueDim], and rows of dq [64][headDim]. */
	keyCopy: usize;
	queryCopy: usize;
	valueCopy: usize;
	outCopy: usize;
	queryGradient: usize;
}

// @ts-ignore: decorator
@inline
function partial(a: SoftmaxGradientArguments, share: i32): usize {
	return a.partials + <usize>(share - 1) * a.partialBytes;
}

/** Where a share adds its gradients. */
export function dqOf(a: SoftmaxGradientArguments, share: i32): usize {
	return share == 0 ? a.dq : partial(a, share);
}

export function dkOf(a: SoftmaxGradientArguments, share: i32): usize {
	return share == 0 || a.partialKeys == 0 ? a.dk : partial(a, share) + a.partialKeys;
}

export function dvOf(a: SoftmaxGradientArguments, share: i32): usize {
	return share == 0 || a.partialValues == 0 ? a.dv : partial(a, share) + a.partialValues;
}

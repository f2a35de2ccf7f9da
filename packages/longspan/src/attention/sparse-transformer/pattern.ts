/** What one head sees: one of the two sets or their union, and its run of summary cells in each block, from the end. */
export interface HeadSet {
	readonly set: "first" | "second" | "merged";
	readonly subBlock: number;
}

/** The options of a Sparse Transformer, settled. */
export interface SparsePattern {
	readonly kind: "local" | "strided" | "fixed";
	readonly stride: number;
	readonly causal: boolean;
	/** Summary cells of a head in a block; 0 where there are none. */
	readonly summary: number;
	/** Keys of a local set on one side of the query's own. */
	readonly reach: number;
	/** What the heads see: head h the entry h modulo their number. Equal entries are one object. */
	readonly headSets: readonly HeadSet[];
}

/** Positions below `length` of a head's summary cells, in order: at most `summary` of each block. */
export function summaryCells(length: number, { stride, summary }: SparsePattern, subBlock: number): number[] {
	const cells: number[] = [];
	for (let end = stride - subBlock * summary; end - summary < length; end += stride)
		for (let cell = end - summary; cell < Math.min(end, length); cell++) cells.push(cell);
	return cells;
}

/** The integers from first to last, inclusive. */
function range(first: number, last: number, step = 1): number[] {
	return Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, at) => first + at * step);
}

/** The keys that the query at `position` sees in a causal pattern, each once. */
export function visibleKeys(position: number, { set, subBlock }: HeadSet, pattern: SparsePattern): number[] {
	const { kind, stride, reach } = pattern;
	const block = position - (position % stride);
	if (kind === "fixed") {
		if (set === "first") return range(block, position);
		if (set === "second") return summaryCells(position + 1, pattern, subBlock);
		return [...summaryCells(block, pattern, subBlock), ...range(block, position)];
	}
	if (set === "first") return range(Math.max(0, position - reach), position);
	if (set === "second") return range(position % stride, position, stride);
	return [
		...range(position % stride, position - stride, stride),
		...range(Math.max(0, position - stride + 1), position),
	];
}

/** Tokens before this position are seen by no query from `position` on. */
export function firstSeen(position: number, { kind, stride, reach, headSets }: SparsePattern): number {
	if (headSets.some(({ set }) => set !== "first")) return 0;
	return kind === "fixed" ? position - (position % stride) : Math.max(0, position - reach);
}

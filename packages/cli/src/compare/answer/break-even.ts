import { exactName } from "../../attentions/registry.js";
import type { Row } from "../result.js";

/** From which length on an attention is faster than exact attention. */
export type BreakEven =
	/** At every length both were measured at, `from` the shortest on. */
	| { readonly kind: "always"; readonly from: number }
	/** From about `from` on, between two measured lengths. */
	| { readonly kind: "from"; readonly from: number }
	/** Not at `upTo`, the longest length both were measured at. */
	| { readonly kind: "never"; readonly upTo: number };

/** Where the time of `attention` falls below that of exact attention for good; null if they were never measured together. */
export function breakEven(attention: string, rows: readonly Row[]): BreakEven | null {
	const ratios = rows
		.filter((row) => row.attention === attention)
		.flatMap((row) => {
			const exact = rows.find((other) => other.attention === exactName && other.n === row.n);
			return exact ? [{ n: row.n, ratio: row.forwardMs / exact.forwardMs }] : [];
		})
		.sort((a, b) => a.n - b.n);
	const first = ratios[0];
	const last = ratios[ratios.length - 1];
	if (!first || !last) return null;
	if (last.ratio >= 1) return { kind: "never", upTo: last.n };
	const slower = ratios.findLastIndex(({ ratio }) => ratio >= 1);
	if (slower < 0) return { kind: "always", from: first.n };
	const before = ratios[slower] as (typeof ratios)[number];
	const after = ratios[slower + 1] as (typeof ratios)[number];
	// The crossing of a straight line between both on logarithmic axes.
	const part = Math.log(before.ratio) / (Math.log(before.ratio) - Math.log(after.ratio));
	return { kind: "from", from: Math.round(before.n * (after.n / before.n) ** part) };
}

/** Heads by number, runs of them shortened: "heads 0–3, 6". Null is all heads. */
export function headNames(heads: readonly number[] | null): string {
	if (heads === null) return "all heads";
	const runs: [number, number][] = [];
	for (const head of heads) {
		const last = runs[runs.length - 1];
		if (last && last[1] === head - 1) last[1] = head;
		else runs.push([head, head]);
	}
	const names = runs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
	return `${heads.length === 1 ? "head" : "heads"} ${names.join(", ")}`;
}

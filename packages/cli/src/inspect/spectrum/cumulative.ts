/**
 * Normalised cumulative singular values s(r) = Σ_{i ≤ r} σ_i / Σ_i σ_i for r = 1 to n (Linformer, Wang et al. 2020, arXiv
 * 2006.04768, figure 1): 1 from a matrix' rank on, r / n for the identity.
 */
export function cumulativeShares(singularValues: ArrayLike<number>): Float64Array {
	const sorted = Float64Array.from(singularValues).sort().reverse();
	const total = sorted.reduce((sum, value) => sum + value, 0);
	let sum = 0;
	return sorted.map((value) => {
		sum += value;
		return total > 0 ? sum / total : 1;
	});
}

/** The smallest r with s(r) of at least `share`. */
export function rankFor(shares: ArrayLike<number>, share: number): number {
	// The last shares may be a rounding error below 1.
	const rank = Array.from(shares).findIndex((value) => value >= share - 1e-12);
	return rank < 0 ? shares.length : rank + 1;
}

/** Offsets min..max of keys from their query. */
export type Band = readonly [min: number, max: number];

/**
 * The window of a sequence in parts: near offsets, each with a relative id of its own, and those beyond, which share the last id
 * of their side. Without relative positions everything is near.
 */
export function offsetBands(
	length: number,
	radius: number,
	maxDistance: number | undefined,
): { readonly near: Band; readonly beyond: readonly Band[] } {
	if (maxDistance === undefined) return { near: [-radius, radius], beyond: [] };
	const farthest = Math.min(radius, length - 1);
	const reach = Math.min(farthest, maxDistance - 1);
	const beyond: Band[] =
		reach >= farthest
			? []
			: [
					[reach + 1, radius],
					[-radius, -reach - 1],
				];
	return { near: [0 - reach, reach], beyond };
}

import { expect } from "vitest";

/** Fails with the element that is furthest off unless every |actual - expected| <= absolute + relative |expected|. */
export function expectAllClose(
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	{ relative, absolute = 0 }: { readonly relative: number; readonly absolute?: number },
	label: (index: number) => string = (index) => `element ${index}`,
): void {
	expect(actual.length).toBe(expected.length);
	let worst = -1;
	let worstExcess = 1;
	for (let i = 0; i < expected.length; i++) {
		const want = Math.fround(expected[i]!);
		if (Object.is(actual[i], want) || actual[i] === want) continue;
		const excess = Math.abs(actual[i]! - expected[i]!) / (absolute + relative * Math.abs(expected[i]!));
		// Written so that a NaN counts as far off.
		if (!(excess <= worstExcess)) {
			worst = i;
			worstExcess = Number.isNaN(excess) ? Infinity : excess;
		}
	}
	if (worst >= 0) {
		expect.fail(
			`${label(worst)} is ${actual[worst]}, not ${expected[worst]} (${worstExcess.toPrecision(3)} times the tolerance)`,
		);
	}
}

/** Largest difference over the largest wanted magnitude. */
export function relativeError(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
	let difference = 0;
	let largest = 1e-30;
	for (let i = 0; i < wanted.length; i++) {
		const gap = Math.abs((actual[i] as number) - (wanted[i] as number));
		// Written so that NaN counts.
		if (!(gap <= difference)) difference = gap;
		largest = Math.max(largest, Math.abs(wanted[i] as number));
	}
	return difference / largest;
}

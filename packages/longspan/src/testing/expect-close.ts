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

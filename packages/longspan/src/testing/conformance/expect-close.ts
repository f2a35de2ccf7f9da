import { expect } from "vitest";

/** Compares each element relative to its size and to the root mean square of all. */
export function expectClose(
	name: string,
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	tolerance: number,
): void {
	expect(actual.length, name).toBe(expected.length);
	let squares = 0;
	for (let at = 0; at < expected.length; at++) squares += (expected[at] as number) ** 2;
	// Inputs are of size 1; the floor is for gradients that are 0 by definition (a query with a single key).
	const unit = Math.max(0.2, Math.sqrt(squares / Math.max(1, expected.length)));
	let worst = 0;
	for (let at = 0; at < expected.length; at++) {
		const error =
			Math.abs((actual[at] as number) - (expected[at] as number)) / (Math.abs(expected[at] as number) + unit);
		if (!(error <= worst)) worst = error;
	}
	expect(worst, `${name}: largest error relative to the element plus the root mean square`).toBeLessThan(tolerance);
}

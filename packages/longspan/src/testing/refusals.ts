import { expect, it } from "vitest";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";

/** A call with bad input: what is wrong, the call, and the error it must give. */
export type Refusal = [what: string, act: () => unknown, kind: new (...args: never[]) => Error, message: RegExp];

/** A test for each: the error is of this class and says this, and nothing is leaked. */
export function itRefuses(device: () => Device, refusals: readonly Refusal[]): void {
	it.each(refusals)("refuses %s", (_, act, kind, message) => {
		const before = device().memoryStats().buffers;
		expect(() => scope(() => act())).toThrow(kind);
		expect(() => scope(() => act())).toThrow(message);
		expect(device().memoryStats().buffers).toBe(before);
	});
}

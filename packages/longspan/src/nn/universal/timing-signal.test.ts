import { beforeAll, describe, expect, it } from "vitest";
import { type Device, init, OptionError, scope } from "../../index.js";
import { exactValues } from "../../testing/tensor-gradient.js";
import { normalInitializer } from "../initialize.js";
import { type TimingOptions, timingSignal } from "./timing-signal.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});

const positions = (dim: number, options: TimingOptions, first: number, length: number): number[] =>
	scope(() => Array.from(exactValues(timingSignal("test", dim, options).positions(first, length, device))));
const step = (dim: number, options: TimingOptions, at: number): number[] =>
	scope(() => Array.from(exactValues(timingSignal("test", dim, options).step(at, device, null))));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
	expect(actual.length).toBe(expected.length);
	expected.forEach((value, at) => {
		expect(actual[at]).toBeCloseTo(value, 12);
	});
}

describe("timingSignal", () => {
	it("is that of the paper", () => {
		const row = (i: number) => [
			Math.sin(i),
			Math.cos(i),
			Math.sin(i / 10000 ** (2 / 5)),
			Math.cos(i / 10000 ** (2 / 5)),
			Math.sin(i / 10000 ** (4 / 5)),
		];
		expectClose(positions(5, {}, 0, 3), [...row(1), ...row(2), ...row(3)]);
		expectClose(step(5, {}, 1), row(1));
		expectClose(step(5, {}, 7), row(7));
	});

	it("is that of tensor2tensor", () => {
		const row = (i: number) => [
			...[1, 1 / 100, 1 / 10000].map((frequency) => Math.sin(i * frequency)),
			...[1, 1 / 100, 1 / 10000].map((frequency) => Math.cos(i * frequency)),
		];
		expectClose(positions(6, { layout: "halves" }, 0, 2), [...row(0), ...row(1)]);
		expectClose(step(6, { layout: "halves" }, 3), row(2));
		expectClose(positions(7, { layout: "halves" }, 4, 1), [...row(4), 0]);
		expectClose(positions(3, { layout: "halves" }, 4, 1), [Math.sin(4), Math.cos(4), 0]);
	});

	it.each(["interleaved", "halves"] as const)("is the same in pieces, %s", (layout) => {
		const whole = positions(6, { layout }, 0, 9);
		expect([...positions(6, { layout }, 0, 4), ...positions(6, { layout }, 4, 5)]).toEqual(whole);
	});

	it("takes learned signals of steps from the weights", () => {
		scope(() => {
			const timing = timingSignal("test", 3, { step: "learned" });
			const learned = timing.initialize(4, normalInitializer(1));
			expect(learned?.shape).toEqual([4, 3]);
			const values = exactValues(learned!);
			expect(exactValues(timing.step(2, device, learned))).toEqual(values.slice(3, 6));
		});
		expect(timingSignal("test", 3, {}).initialize(4, normalInitializer(1))).toBeNull();
	});

	it("refuses unknown choices", () => {
		expect(() => timingSignal("test", 3, { layout: "thirds" as "halves" })).toThrow(OptionError);
		expect(() => timingSignal("test", 3, { layout: "thirds" as "halves" })).toThrow(/timing.layout is "thirds"/);
		expect(() => timingSignal("test", 3, { step: "random" as "learned" })).toThrow(/timing.step is "random"/);
	});
});

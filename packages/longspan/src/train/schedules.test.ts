import { describe, expect, it } from "vitest";
import { type AnnealingOptions, OptionError, schedules } from "../index.js";

const { constant, cosine, inverseRoot, linear } = schedules;
const options = { peak: 2, warmUpSteps: 10, totalSteps: 110, finalShare: 0.1 };
const kinds = {
	constant: ({ peak, warmUpSteps = 0 }: AnnealingOptions) => constant({ peak, warmUpSteps }),
	inverseRoot: ({ peak, warmUpSteps = 0 }: AnnealingOptions) => inverseRoot({ peak, warmUpSteps }),
	linear,
	cosine,
};

describe("schedules", () => {
	it.each(Object.entries(kinds))("%s rises evenly to its peak", (_, schedule) => {
		const rate = schedule(options);
		expect([1, 5, 10].map(rate)).toEqual([0.2, 1, 2]);
		expect(schedule({ ...options, warmUpSteps: 2.5 })(1)).toBeCloseTo(0.8, 14);
		expect(schedule({ peak: 2, totalSteps: 1e9 })(1)).toBeCloseTo(2, 8);
	});

	it.each([
		["constant", kinds.constant, [2, 2, 2, 2, 2]],
		["linear", linear, [1.55, 1.1, 0.65, 0.2, 0.2]],
		["cosine", cosine, [1.1 + 0.9 * Math.SQRT1_2, 1.1, 1.1 - 0.9 * Math.SQRT1_2, 0.2, 0.2]],
		["inverseRoot", kinds.inverseRoot, [35, 60, 85, 110, 160].map((step) => 2 * Math.sqrt(10 / step))],
	] as const)("%s falls as it is defined", (_, schedule, expected) => {
		const rate = schedule(options);
		[35, 60, 85, 110, 160].forEach((step, at) => {
			expect(rate(step)).toBeCloseTo(expected[at] as number, 12);
		});
	});

	it("is equation 3 of Attention Is All You Need", () => {
		const [dim, warmUpSteps] = [512, 4000];
		const rate = inverseRoot({ peak: 1 / Math.sqrt(dim * warmUpSteps), warmUpSteps });
		for (const step of [1, 100, 4000, 4001, 100_000])
			expect(rate(step)).toBeCloseTo(dim ** -0.5 * Math.min(step ** -0.5, step * warmUpSteps ** -1.5), 14);
	});

	it("stays at its end where all steps are warm-up", () => {
		expect([1, 2, 3].map(linear({ peak: 1, warmUpSteps: 2, totalSteps: 2, finalShare: 0.5 }))).toEqual([0.5, 1, 0.5]);
	});

	it.each([
		[{ peak: -1 }, /peak is -1/],
		[{ warmUp: 3 }, /cosine: warmUp is no option; expected peak, warmUpSteps, totalSteps, finalShare/],
		[{ warmUpSteps: Number.NaN }, /warmUpSteps is NaN/],
		[{ totalSteps: 0 }, /totalSteps is 0/],
		[{ finalShare: 2 }, /finalShare is 2/],
		[{ warmUpSteps: 200 }, /warmUpSteps is 200; expected at most totalSteps, 110/],
	])("refuses %j", (wrong, message) => {
		expect(() => cosine({ ...options, ...wrong })).toThrow(OptionError);
		expect(() => cosine({ ...options, ...wrong })).toThrow(message);
	});

	it("refuses a step before the first", () => {
		expect(() => linear(options)(0)).toThrow(/step is 0; expected a finite number of at least 1/);
	});
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bandPattern, type Device, init, OptionError, pattern, ShapeError, type Tensor, uniform } from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";
import { type PatternedOptions, patterned } from "./index.js";
import { patternedReference } from "./reference.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 1 });
});
afterAll(() => device.dispose());

const random = (length: number, seed = 1, batch = 2) => uniform([batch, 2, length, 16], { seed });

function expectClose(actual: Tensor, expected: Tensor): void {
	const values = expected.dataSync();
	actual.dataSync().forEach((value, at) => {
		expect(Math.abs(value - (values[at] as number))).toBeLessThan(2e-6);
	});
}

describe("patterns by batch entry and head", () => {
	const options: PatternedOptions = {
		patternOf: (batch, head) => (i, j) => (i + j) % (2 + batch + 2 * head) === 0,
		causal: true,
	};

	it("are those of each", () => {
		const [q, k, v] = [random(70), random(70, 2), random(70, 3)];
		expectClose(patterned(options)(q, k, v), patternedReference(q, k, v, options));
	});

	it("are those of each in decoding", () => {
		const session = patterned(options).startDecoding({ batch: 2, heads: 2, headDim: 16 });
		const [q, k, v] = [random(9), random(9, 2), random(9, 3)];
		expectClose(session.append(q, k, v), patternedReference(q, k, v, options));
		session.dispose();
	});

	it("have one plan where they are the same object", () => {
		const [near, far] = [bandPattern(-3, 3), bandPattern(-9, 9)];
		const attend = patterned({ patternOf: (_, head) => (head % 3 === 0 ? near : far) });
		const connectivity = attend.connectivity(100, 6);
		expect(connectivity.kind === "tiles" && connectivity.parts[0]?.plans.length).toBe(2);
		expect(connectivity.kind === "tiles" && connectivity.parts[0]?.headMap).toEqual([0, 1, 1, 0, 1, 1]);
	});
});

describe("plans", () => {
	it("are made once for a length, without asking where hints know", () => {
		let asked = 0;
		const counted = pattern(
			(i, j) => {
				asked++;
				return Math.abs(i - j) < 5;
			},
			{ reach: (i0, i1) => ({ first: i0 - 4, last: i1 + 4 }) },
		);
		const attend = patterned({ pattern: counted });
		const x = random(640, 1, 1);
		attend(x, x, x);
		const once = asked;
		expect(once).toBeLessThanOrEqual(3 * 10 * 64 * 64);
		attend(x, x, x);
		expect(asked).toBe(once);
	});
});

describe("bad input", () => {
	const make = (options: object) => () => patterned(options as PatternedOptions);
	const sees = () => true;
	itRefuses(
		() => device,
		[
			["no pattern", make({}), OptionError, /patterned: neither of pattern and patternOf were given; expected one/],
			["two patterns", make({ pattern: sees, patternOf: () => sees }), OptionError, /both of pattern and patternOf/],
			[
				"a pattern that is none",
				make({ pattern: { causal: true } }),
				OptionError,
				/pattern is \[object Object\]; expected a pattern, or a function \(i, j\)/,
			],
			[
				"a pattern by head that is no function",
				make({ patternOf: [sees] }),
				OptionError,
				/patternOf is .*; expected a function of batch entry and head/,
			],
			[
				"a head without a pattern",
				() => patterned({ patternOf: () => undefined as never })(random(8), random(8), random(8)),
				OptionError,
				/patternOf\(0, 0\) is undefined; expected a pattern/,
			],
			["causal that is no flag", make({ pattern: sees, causal: 1 }), OptionError, /causal is 1/],
			["a scale that is not finite", make({ pattern: sees, scale: Number.NaN }), OptionError, /scale is NaN/],
			[
				"other key lengths, causal",
				() => patterned({ pattern: sees, causal: true })(random(9), random(8), random(8)),
				ShapeError,
				/k and v have length 8, q has 9/,
			],
			[
				"decoding that is not causal",
				() => patterned({ pattern: sees }).startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/startDecoding needs causal: true/,
			],
		],
	);
});

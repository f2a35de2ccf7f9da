import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, OptionError, ShapeError, scope, tensor, zeros } from "../index.js";
import { itRefuses } from "../testing/refusals.js";
import { signedArgMax } from "./signed-arg-max.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 1 });
});
afterAll(() => device.dispose());

describe("signedArgMax", () => {
	it("gives the index of the largest of [x, -x], by segment as digits", () => {
		scope(() => {
			const x = tensor([1, -3, 2, 0.5, 0.25, -1, 4, 4, -5, 0], [2, 5]);
			expect(signedArgMax(x).shape).toEqual([2]);
			expect(signedArgMax(x).dataSync()).toEqual(Int32Array.of(6, 8));
			// Segments of 2 and 3 columns, so digits of base 4 and 6: (3, 0) and (1, 4).
			expect(signedArgMax(x, [2, 3]).dataSync()).toEqual(Int32Array.of(3 + 4 * 0, 1 + 4 * 4));
		});
	});

	itRefuses(
		() => device,
		[
			[
				"widths that leave columns",
				() => signedArgMax(zeros([2, 5]), [2, 2]),
				ShapeError,
				/the widths \[2,2\] together/,
			],
			["a width of 0", () => signedArgMax(zeros([2, 5]), [5, 0]), OptionError, /widths is 0/],
			[
				"more codes than an int32 holds",
				() => signedArgMax(zeros([1, 4 * 2 ** 8]), new Array(4).fill(2 ** 8)),
				OptionError,
				/must be at most 2\^31/,
			],
		],
	);
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clipGradient, type Device, gradientNorm, init, OptionError, scope, tensor } from "../index.js";
import { exactValues } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

describe("clipGradient", () => {
	const clipped = (limit: number) =>
		scope(() => {
			const { gradient, norm } = clipGradient({ a: tensor([3, 0], [2, 1]), b: [tensor([4])] }, limit);
			return [gradient.a, gradient.b[0] as typeof gradient.a, norm].map((x) => [...exactValues(x)]);
		});

	it("scales the whole gradient to the limit, and only if it is longer", () => {
		clipped(2.5).forEach((values, index) => {
			values.forEach((value, at) => {
				expect(value).toBeCloseTo(([[1.5, 0], [2], [5]][index] as number[])[at] as number, 12);
			});
		});
		expect(clipped(5)).toEqual([[3, 0], [4], [5]]);
		expect(clipped(7)).toEqual([[3, 0], [4], [5]]);
	});

	it("counts a tensor with two places once, and keeps both", () => {
		scope(() => {
			const tied = tensor([3]);
			const { gradient, norm } = clipGradient({ a: tied, b: tensor([4]), c: tied }, 1);
			expect(exactValues(norm)[0]).toBe(5);
			expect(gradient.c).toBe(gradient.a);
		});
	});

	it("frees what it is given, and takes a norm that is known", () => {
		const before = device.memoryStats().buffers;
		const given = tensor([3, 4]);
		const norm = gradientNorm(given);
		const result = clipGradient(given, 1, norm);
		expect(result.norm).toBe(norm);
		expect(given.disposed).toBe(true);
		expect(device.memoryStats().buffers).toBe(before + 2);
		for (const x of [result.gradient, norm]) x.dispose();
	});

	it.each([0, -1, Number.NaN])("refuses a limit of %d", (limit) => {
		scope(() => {
			expect(() => clipGradient(tensor([1]), limit)).toThrow(OptionError);
			expect(() => clipGradient(tensor([1]), limit)).toThrow(/limit is/);
		});
	});
});

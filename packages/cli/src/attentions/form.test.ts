import { type Attention, full, OptionError, slidingWindow } from "longspan";
import { describe, expect, it } from "vitest";
import { formOf, isRefusal, refusalText } from "./form.js";

const refuse = (message: string): never => {
	throw new OptionError(message);
};
const bothSided = (causal: boolean): Attention => (causal ? refuse("both: causal is true") : full());
const causalOnly = (causal: boolean): Attention => (causal ? full({ causal }) : refuse("one: causal is false"));
const short = (causal: boolean, length: number): Attention =>
	length > 64 ? refuse("short: length is above 64") : slidingWindow({ window: 2, causal });

describe("formOf", () => {
	it("gives the form that was asked for", () => {
		for (const causal of [true, false]) {
			const { attention, note } = formOf({ create: short }, causal, 64);
			expect([attention.causal, note]).toEqual([causal, null]);
		}
	});

	it("gives the other form where there is only that, and says why", () => {
		const both = formOf({ create: bothSided }, true, 8);
		expect([both.attention.causal, both.note]).toEqual([
			false,
			"no causal form; runs to both sides (both: causal is true)",
		]);
		const one = formOf({ create: causalOnly }, false, 8);
		expect([one.attention.causal, one.note]).toEqual([
			true,
			"no form to both sides; runs causal (one: causal is false)",
		]);
	});

	it("throws what the attention says of a length it has no form for", () => {
		expect(() => formOf({ create: short }, true, 65)).toThrow("short: length is above 64");
	});

	it("says why of both forms where the reasons differ", () => {
		const create = (causal: boolean, length: number) => (causal ? bothSided(causal) : short(causal, length));
		for (const causal of [true, false])
			expect(() => formOf({ create }, causal, 65)).toThrow(
				"causal: both: causal is true; to both sides: short: length is above 64",
			);
	});

	it("lets other errors through", () => {
		const broken = () => {
			throw new TypeError("a bug");
		};
		expect(() => formOf({ create: broken }, true, 8)).toThrow(TypeError);
		expect(isRefusal(new TypeError("a bug"))).toBe(false);
	});

	it("names lengths that are refused", () => {
		expect(refusalText(new OptionError("x: length is 3"))).toBe("not for this length: x: length is 3");
	});
});

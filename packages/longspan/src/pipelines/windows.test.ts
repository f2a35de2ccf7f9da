import { describe, expect, it } from "vitest";
import { droppedTokens, strideWindows, windowAround } from "./windows.js";

describe("strideWindows", () => {
	it.each([
		[100, 40, 10],
		[101, 40, 39],
		[41, 40, 0],
		[1000, 7, 3],
		[80, 40, 0],
	])(
		"gives each of %i tokens to the window of %i in which it is most central, with %i shared",
		(tokens, capacity, overlap) => {
			const windows = strideWindows(tokens, capacity, overlap);
			for (const { begin, end } of windows) {
				expect(end - begin).toBe(capacity);
				expect(begin).toBeGreaterThanOrEqual(0);
				expect(end).toBeLessThanOrEqual(tokens);
			}
			windows.slice(1).forEach(({ begin }, index) => {
				expect((windows[index] as { end: number }).end - begin).toBeGreaterThanOrEqual(overlap);
			});
			for (let token = 0; token < tokens; token++) {
				const owners = windows.filter(({ ownBegin, ownEnd }) => token >= ownBegin && token < ownEnd);
				expect(owners).toHaveLength(1);
				const margin = ({ begin, end }: { begin: number; end: number }) => Math.abs(2 * token + 1 - begin - end) / 2;
				const nearest = Math.min(...windows.map(margin));
				expect(margin(owners[0] as (typeof windows)[number])).toBeLessThanOrEqual(nearest);
			}
			expect(droppedTokens(windows, tokens)).toBe(0);
		},
	);

	it("has no more windows than are needed", () => {
		expect(strideWindows(80, 40, 0)).toHaveLength(2);
		expect(strideWindows(70, 40, 10)).toHaveLength(2);
		expect(strideWindows(71, 40, 10)).toHaveLength(3);
	});
});

describe("windowAround", () => {
	it("has the token in its middle, as far as the text goes", () => {
		expect(windowAround(50, 100, 11)).toEqual({ begin: 45, end: 56, ownBegin: 50, ownEnd: 51 });
		expect(windowAround(2, 100, 11)).toMatchObject({ begin: 0, end: 11 });
		expect(windowAround(99, 100, 11)).toMatchObject({ begin: 89, end: 100 });
	});
});

it("droppedTokens counts what no window holds", () => {
	expect(droppedTokens([windowAround(20, 100, 11), windowAround(24, 100, 11)], 100)).toBe(100 - 15);
	expect(droppedTokens([], 9)).toBe(9);
});

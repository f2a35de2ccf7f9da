import { causalPlan, full, linear, slidingWindow } from "longspan";
import { describe, expect, it } from "vitest";
import { escapeHtml, htmlTable } from "./html.js";
import { planDensity, stateDensity } from "./pattern-density.js";
import { patternFigures, pictureLength } from "./pattern-picture.js";
import { spread } from "./series.js";
import { linearTicks, logTicks, paddedLogDomain, thinned } from "./ticks.js";

describe("html", () => {
	it("escapes what comes from outside", () => {
		expect(escapeHtml(`<a href="x">'&'</a>`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
		const table = htmlTable({ columns: [{ title: "<b>", align: "left" }], lines: [["<script>"]] });
		expect(table).toContain("&lt;b&gt;");
		expect(table).toContain("&lt;script&gt;");
	});

	it("lets short rows run on and groups the others", () => {
		const columns = ["a", "b", "c"].map((title) => ({ title, align: "left" as const }));
		const table = htmlTable({ columns, lines: [["1", "skipped"], null, ["1", "2", "3"]] });
		expect(table).toContain('colspan="2">skipped');
		expect(table.match(/<tbody>/g)).toHaveLength(2);
	});
});

describe("labels", () => {
	it("are moved apart, and no further than they must", () => {
		expect(spread([10, 100, 200])).toEqual([10, 100, 200]);
		const moved = spread([50, 50, 51]);
		expect((moved[1] as number) - (moved[0] as number)).toBeCloseTo(17, 3);
		expect((moved[2] as number) - (moved[1] as number)).toBeCloseTo(17, 3);
		expect(moved.reduce((sum, place) => sum + place, 0)).toBeCloseTo(151, 3);
	});
});

describe("ticks", () => {
	it("are round, within the domain and few", () => {
		expect(logTicks([0.5, 40], 10, [1, 3])).toEqual([1, 3, 10, 30]);
		expect(logTicks([1e-3, 1e5], 10, [1, 3]).length).toBeLessThanOrEqual(8);
		expect(linearTicks([0, 47])).toEqual([0, 10, 20, 30, 40]);
		expect(linearTicks([3.87, 5.13])).toEqual([4, 4.5, 5]);
		expect(linearTicks([0, 0.9])).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
		expect(thinned(Array.from({ length: 20 }, (_, index) => index)).length).toBeLessThanOrEqual(8);
		const [low, high] = paddedLogDomain([5]);
		expect(low).toBeLessThan(5);
		expect(high).toBeGreaterThan(5);
	});
});

describe("patterns", () => {
	it("show a pair per cell where there is room, shares of pairs where there is not", () => {
		const small = planDensity(causalPlan(70));
		expect(small.cells).toBe(70);
		expect(small.values.reduce((sum, value) => sum + value, 0)).toBe((70 * 71) / 2);
		const large = planDensity(causalPlan(256));
		expect(large.cells).toBe(128);
		expect([large.values[0], large.values[1], large.values[128]]).toEqual([0.75, 0, 1]);
	});

	it("show a state as all that goes through it", () => {
		expect([...stateDensity(2, true).values]).toEqual([1, 0, 1, 1]);
		expect([...stateDensity(2, false).values]).toEqual([1, 1, 1, 1]);
	});

	it("are drawn at a length at which a window does not look like everything", () => {
		const draw = (window: number) => ({ label: "w", attention: slidingWindow({ window, causal: true }), exact: false });
		const exact = { label: "full", attention: full({ causal: true }), exact: true };
		expect(pictureLength([exact, draw(16)], 1)).toBe(64);
		expect(pictureLength([draw(256), draw(16)], 1)).toBe(1024);
		expect(pictureLength([exact], 1)).toBe(64);
		expect(pictureLength([draw(100_000)], 1)).toBe(2048);
	});

	it("have one picture for each kind of head, named for those who cannot see it", () => {
		const dilated = slidingWindow({ window: 4, dilation: [1, 2, 1] });
		const svg = patternFigures({ label: "<w>", attention: dilated, exact: false }, 0, 64, 3);
		expect(svg.match(/class="pattern"/g)).toHaveLength(2);
		expect(svg).toContain(`aria-label="&lt;w&gt;, heads of kind 2: ${pairsOf(2)} of 4,096 pairs"`);
		expect(patternFigures({ label: "l", attention: linear(), exact: false }, 1, 64, 3)).toContain(
			"through a state of fixed size",
		);
	});
});

/** Pairs at most four steps of `dilation` apart among 64 positions. */
function pairsOf(dilation: number): string {
	let pairs = 64;
	for (let step = 1; step <= 4; step++) pairs += 2 * (64 - step * dilation);
	return String(pairs);
}

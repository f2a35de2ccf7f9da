import {
	type Attention,
	bandPlan,
	causalPlan,
	full,
	fullPlan,
	gatherPlan,
	linear,
	linformer,
	OptionError,
	planGraph,
	slidingWindow,
} from "longspan";
import { describe, expect, it } from "vitest";
import { escapeHtml, htmlTable } from "./html.js";
import { patternsOf } from "./pattern.js";
import { graphDensity, wholeDensity } from "./pattern-density.js";
import { patternFigures, pictureLength } from "./pattern-figures.js";
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
	const attentionAt = (attention: Attention, label = "w", exact = false) => ({ label, at: () => attention, exact });
	const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

	it("show a pair per cell where there is room, shares of pairs where there is not", () => {
		const small = graphDensity(planGraph([causalPlan(70)]));
		expect(small.cells).toBe(70);
		expect(sum(small.values)).toBe((70 * 71) / 2);
		const large = graphDensity(planGraph([causalPlan(256)]));
		expect(large.cells).toBe(128);
		expect([large.values[0], large.values[1], large.values[128]]).toEqual([0.75, 0, 1]);
		const uneven = graphDensity(planGraph([fullPlan(129, 129)]));
		for (const value of uneven.values) expect(value).toBeCloseTo(1, 12);
	});

	it("show a state as all that goes through it", () => {
		expect([...wholeDensity(2, true).values]).toEqual([1, 0, 1, 1]);
		expect([...wholeDensity(2, false).values]).toEqual([1, 1, 1, 1]);
	});

	it("are drawn at a length at which a window does not look like everything", () => {
		const draw = (window: number) => attentionAt(slidingWindow({ window, causal: true }));
		const exact = attentionAt(full({ causal: true }), "full", true);
		expect(pictureLength([exact, draw(16)], 1)).toBe(64);
		expect(pictureLength([draw(256), draw(16)], 1)).toBe(1024);
		expect(pictureLength([exact], 1)).toBe(64);
		expect(pictureLength([draw(100_000)], 1)).toBe(2048);
	});

	it("are drawn at a length no attention refuses, and say so where one refuses them all", () => {
		const long = {
			...attentionAt(slidingWindow({ window: 8 }), "long"),
			at: (length: number) => {
				if (length < 256) throw new OptionError("long: length is too short");
				return slidingWindow({ window: 8 });
			},
		};
		const never = {
			...attentionAt(full(), "never"),
			at: (): Attention => {
				throw new OptionError("never: whatever the length");
			},
		};
		expect(pictureLength([long, never], 1)).toBe(256);
		const figure = patternFigures(never, 0, 256, 1);
		expect(figure).toContain("not for this length: never: whatever the length");
		expect(figure).not.toContain("<svg");
	});

	it("have one picture for each kind of head, named for those who cannot see it", () => {
		const dilated = slidingWindow({ window: 4, dilation: [1, 2, 1] });
		const svg = patternFigures(attentionAt(dilated, "<w>"), 0, 64, 3);
		expect(svg.match(/class="pattern"/g)).toHaveLength(2);
		expect(svg).toContain(`aria-label="&lt;w&gt;, head 1: ${pairsOf(2)} of 4,096 pairs"`);
		expect(patternFigures(attentionAt(linear()), 1, 64, 3)).toContain("through a state of fixed size");
	});

	it("put the parts of an attention in one picture, and take more nodes than tokens", () => {
		const hub = Array.from({ length: 64 }, (_, node) => node);
		const parts = [
			{ plans: [bandPlan({ rows: 64, columns: 64, minOffset: -1, maxOffset: 1 })], headMap: [0] },
			{ plans: [gatherPlan({ rows: 65, columns: 65, rowList: [64], columnList: hub })], headMap: [0] },
		];
		const star = Object.assign(slidingWindow({ window: 1 }), {
			connectivity: () => ({ kind: "tiles", parts }) as const,
		});
		const [pattern] = patternsOf(star, 64, 2);
		expect(pattern).toMatchObject({ heads: null, text: "254 of 4,225 pairs" });
		expect([pattern?.density.cells, sum(pattern?.density.values ?? new Float64Array())]).toEqual([65, 254]);
	});

	it("tell of projections", () => {
		const projected = linformer({ maxLength: 128, projectedLength: 32 });
		expect(patternFigures(attentionAt(projected), 0, 128, 1)).toContain("every key, through 32 mixtures of all keys");
	});
});

/** Pairs at most four steps of `dilation` apart among 64 positions. */
function pairsOf(dilation: number): string {
	let pairs = 64;
	for (let step = 1; step <= 4; step++) pairs += 2 * (64 - step * dilation);
	return String(pairs);
}

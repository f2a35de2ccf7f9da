import {
	type Attention,
	bandPlan,
	type Connectivity,
	type Device,
	full,
	gatherPlan,
	init,
	linear,
	linformer,
	OptionError,
	slidingWindow,
} from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AttentionChoice } from "../attentions/choices.js";
import { exitCode, UsageError } from "../errors.js";
import { headNames } from "../output/head-names.js";
import { patternsOf } from "../report/pattern.js";
import { patternSheet } from "../report/pattern-sheet.js";
import { analyse } from "./analyse.js";
import { inspectDefaults, parseInspectOptions, type RawInspectOptions } from "./options.js";
import { terminalText } from "./output/terminal.js";
import { inspectPage } from "./report/page.js";
import type { InspectSettings } from "./settings.js";

const raw: RawInspectOptions = { ...inspectDefaults, causal: false, json: false };

describe("parseInspectOptions", () => {
	it("understands the defaults and what is given", () => {
		expect(parseInspectOptions("window:32", raw)).toMatchObject({
			attention: { label: "window:32" },
			...{ length: 1024, heads: 4, layers: 4, causal: false, out: null, json: false },
		});
		expect(parseInspectOptions("full", { ...raw, out: "a.SVG" }).out).toEqual({ path: "a.SVG", format: "svg" });
		expect(parseInspectOptions("full", { ...raw, out: "b/c.html" }).out).toEqual({ path: "b/c.html", format: "html" });
	});

	it.each<[string, Partial<RawInspectOptions>, RegExp]>([
		["magic", {}, /ATTENTION: there is no attention "magic"; there are full, /],
		["window:-1", {}, /ATTENTION: "window:-1" has window "-1"/],
		["full,window", {}, /ATTENTION: there is no attention "full,window"/],
		["full", { length: "0" }, /--length: "0" is not valid; expected an integer from 1 to 4096/],
		["full", { length: "5000" }, /--length: "5000" is not valid; expected an integer from 1 to 4096/],
		["full", { length: "many" }, /--length: "many"/],
		["full", { heads: "0" }, /--heads: "0" is not valid; expected an integer from 1 to 64/],
		["full", { layers: "0" }, /--layers: "0"/],
		["full", { out: "picture.png" }, /--out: "picture.png" is neither.*\.svg or \.html/],
		["full", { out: "" }, /--out: ""/],
	])("refuses %s with %j, naming the option", (attention, changes, message) => {
		const parse = () => parseInspectOptions(attention, { ...raw, ...changes });
		expect(parse).toThrow(message);
		expect(parse).toThrow(expect.objectContaining({ name: UsageError.name, exitCode: exitCode.usage }));
	});
});

describe("headNames", () => {
	it("shortens runs", () => {
		expect([null, [2], [0, 1, 2, 3], [0, 2, 3, 7]].map(headNames)).toEqual([
			"all heads",
			"head 2",
			"heads 0–3",
			"heads 0, 2–3, 7",
		]);
	});
});

describe("analyse", () => {
	let device: Device;
	beforeAll(async () => {
		device = await init({ device: "reference" });
	});
	afterAll(() => device.dispose());

	const settingsOf = (create: AttentionChoice["create"], changes: Partial<InspectSettings> = {}): InspectSettings => ({
		attention: { label: "<a>", name: "a", create },
		...{ length: 96, heads: 2, causal: false, layers: 3, out: null, json: false },
		...changes,
	});
	const window = (causal: boolean) => slidingWindow({ window: 8, causal });

	/** An attention with another connectivity. */
	const connected = (connectivity: (length: number) => Connectivity): Attention => {
		const inner = slidingWindow({ window: 1 });
		return Object.assign((...call: Parameters<Attention>) => inner(...call), inner, { connectivity });
	};

	it("counts pairs, follows paths and foretells costs", () => {
		const { liveBytes } = device.memoryStats();
		const result = analyse(settingsOf(window));
		const pairs = 17 * 96 - 8 * 9;
		expect(result).toMatchObject({
			...{
				attention: "<a>",
				description: "window ±8",
				causal: false,
				note: null,
				kind: "tiles",
				nodes: 96,
				slots: null,
			},
			patterns: [{ heads: [0, 1], pairs, density: pairs / 96 ** 2, scores: pairs, tiles: 4 }],
			paths: [
				{ of: "layer", heads: null, links: pairs - 96, diameter: 12, unconnected: 0 },
				{ of: "random graph", links: pairs - 96 },
			],
			receptiveFields: [
				{ layers: 1, most: 17, before: 8, after: 8 },
				{ layers: 2, most: 33, before: 16, after: 16 },
				{ layers: 3, most: 49, before: 24, after: 24 },
			],
			refused: [],
		});
		expect(result.paths[0]?.connectedShare[0]).toBeCloseTo((pairs - 96) / (96 * 95), 12);
		expect(result.paths[1]?.meanHops).toBeLessThan(result.paths[0]?.meanHops as number);
		expect(result.costs.map(({ n }) => n)).toEqual([96, 192, 384, 768, 1536]);
		expect(result.growth.tiles).toBeGreaterThan(0.9);
		expect(result.growth.tiles).toBeLessThan(1.1);
		const [first, last] = result.decoding.sizes;
		expect([first?.tokens, last?.tokens]).toEqual([1, 96]);
		expect(first?.bytes).toBe(last?.bytes);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});

	it("tells heads of different kinds apart, and compares dense layers with a head or themselves, and full ones with none", () => {
		const dilated = (causal: boolean) => slidingWindow({ window: 30, dilation: [1, 2], causal });
		const { patterns, paths } = analyse(settingsOf(dilated, { causal: true }));
		expect(patterns.map(({ heads }) => heads)).toEqual([[0], [1]]);
		expect(paths.map(({ of, heads }) => [of, heads])).toEqual([
			["heads", [0]],
			["heads", [1]],
			["layer", null],
			["random graph", [1]],
		]);
		const wide = (causal: boolean) => slidingWindow({ window: 40, causal });
		const links = 40 * 96 - (40 * 41) / 2;
		expect(links).toBeGreaterThan((95 * 96) / 4);
		expect(analyse(settingsOf(wide, { causal: true })).paths).toMatchObject([
			{ of: "layer", links },
			{ of: "random graph", heads: null, links },
		]);
		const exact = analyse(settingsOf((causal) => full({ causal }), { causal: true }));
		expect(exact.paths).toMatchObject([{ of: "layer", diameter: 1, meanHops: 1, connectedShare: [1, 1, 1] }]);
		expect(exact.decoding.sizes[1]?.bytes).toBeGreaterThan(exact.decoding.sizes[0]?.bytes as number);
	});

	it("counts a pair that several parts show once, and nodes beyond the tokens", () => {
		const star = () =>
			connected((length) => ({
				kind: "tiles",
				parts: [
					{ plans: [bandPlan({ rows: length, columns: length, minOffset: 0, maxOffset: 0 })], headMap: [0] },
					{ plans: [bandPlan({ rows: length, columns: length, minOffset: 0, maxOffset: 0 })], headMap: [0] },
					...[{ rowList: [length] }, { columnList: [length] }].map((lists) => ({
						plans: [gatherPlan({ rows: length + 1, columns: length + 1, ...lists })],
						headMap: [0],
					})),
				],
			}));
		const result = analyse(settingsOf(star));
		expect(result.nodes).toBe(97);
		expect(result.patterns).toMatchObject([{ pairs: 96 + 2 * 96 + 1, scores: 2 * 96 + 2 * 97 }]);
		expect(result.paths[0]).toMatchObject({ diameter: 2, links: 2 * 96 });
		expect(terminalText(result)).toContain("Node 96 is no token but an extra node of this attention.");
	});

	it("tells of states and mixtures in words", () => {
		const state = terminalText(analyse(settingsOf((causal) => linear({ causal }), { causal: true })));
		// The sum of outer products and that of the features, for a head of 64.
		expect(state).toContain(`through a state of ${(64 * 64 + 64).toLocaleString("en-US")} numbers for each head of 64`);
		expect(state).toContain("whatever the number of tokens");
		const mixtures = analyse(
			settingsOf((causal, length) => linformer({ maxLength: length, projectedLength: 16, causal })),
		);
		expect(mixtures).toMatchObject({ kind: "projection", slots: 16, patterns: [], paths: [] });
		expect(terminalText(mixtures)).toContain("Every key is seen through 16 mixtures of all keys");
		expect(terminalText(mixtures)).toMatch(/Decoding: no exact step form \(linformer: .*causal/);
	});

	it("shows the other form where there is only that, unless the causal one was asked for", () => {
		const bothSided = (causal: boolean) => {
			if (causal) throw new OptionError("both-sided: causal is true");
			return full();
		};
		const causalOnly = (causal: boolean) => {
			if (!causal) throw new OptionError("one-sided: causal is false");
			return full({ causal });
		};
		expect(analyse(settingsOf(causalOnly))).toMatchObject({ causal: true, note: expect.stringContaining("one-sided") });
		expect(analyse(settingsOf(bothSided)).decoding.reason).toBe("both-sided: causal is true");
		expect(() => analyse(settingsOf(bothSided, { causal: true }))).toThrow("both-sided: causal is true");
	});

	it("lists lengths that are refused beside those that are not", () => {
		const upTo200 = (causal: boolean, length: number) => {
			if (length > 200) throw new OptionError(`short: length is ${length}`);
			return window(causal);
		};
		const result = analyse(settingsOf(upTo200));
		expect(result.costs.map(({ n }) => n)).toEqual([96, 192]);
		expect(result.refused.map(({ n }) => n)).toEqual([384, 768, 1536]);
		expect(result.growth).toEqual({ flops: null, tiles: null, bytes: null });
		expect(terminalText(result)).toMatch(/384\s+not for this length: short: length is 384/);
		expect(() => analyse(settingsOf(upTo200, { length: 300 }))).toThrow("short: length is 300");
	});

	it("has a place for everything in tables, page and picture", () => {
		const dilated = (causal: boolean) => slidingWindow({ window: 3, dilation: [1, 4], causal });
		for (const settings of [
			settingsOf(dilated),
			settingsOf((causal) => linear({ causal })),
			settingsOf(window, { length: 1 }),
		]) {
			const result = analyse(settings);
			const patterns = patternsOf(settings.attention.create(false, settings.length), settings.length, 2);
			const page = inspectPage(result, patterns);
			const picture = patternSheet(patterns, result.attention, [result.description]);
			for (const text of [terminalText(result), page, picture]) expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
			expect(page.match(/<svg class="pattern"/g)).toHaveLength(patterns.length);
			expect(page).toContain("<h1>&lt;a&gt;</h1>");
			expect(picture.match(/<svg /g)).toHaveLength(patterns.length + 1);
			expect(picture).toContain("&lt;a&gt;");
			expect(picture).not.toContain("var(--");
		}
	});
});

import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.js";
import { describeRegistry, parseAttentions } from "./choices.js";
import { formOf } from "./form.js";
import { registry } from "./registry.js";

const descriptions = (list: string, causal = true) =>
	parseAttentions(list).map(({ create }) => create(causal, 128).description);

describe("parseAttentions", () => {
	it("reads names with and without options", () => {
		expect(parseAttentions("full, window ,linear").map(({ label }) => label)).toEqual(["full", "window", "linear"]);
		expect(descriptions("window")).toEqual(["window ±256, causal"]);
		expect(descriptions("window:64")).toEqual(["window ±64, causal"]);
		expect(descriptions("window=64")).toEqual(["window ±64, causal"]);
		expect(descriptions("window:window=64", false)).toEqual(["window ±64"]);
		expect(descriptions("window:64:dilation=2")).toEqual(["window ±64 dilation 2, causal"]);
		expect(descriptions("window:dilation=3")).toEqual(["window ±256 dilation 3, causal"]);
	});

	it("reads all as every name", () => {
		expect(parseAttentions("all").map(({ label }) => label)).toEqual(registry.map(({ name }) => name));
	});

	it("labels two forms of one attention apart", () => {
		expect(parseAttentions("window,window:64,window=32").map(({ label }) => label)).toEqual([
			"window",
			"window:64",
			"window:32",
		]);
	});

	it.each([
		["fool", /no attention "fool"; there are full, window, /],
		["", /no attention ""/],
		["full,,linear", /no attention ""/],
		["full,full", /"full" twice/],
		["window:64,window=64", /"window:64" twice/],
		["full:3", /it has none/],
		["window:64:reach=2", /option "reach=2"; it has window, dilation/],
		["window:-1", /window "-1"; expected an integer of at least 0/],
		["window:1.5", /expected an integer/],
		["window:", /expected an integer/],
		["window:dilation=0", /dilation "0"; expected an integer of at least 1/],
		["constructor", /no attention/],
		["window:toString=1", /option "toString=1"/],
	])("refuses %j", (list, message) => {
		expect(() => parseAttentions(list)).toThrow(UsageError);
		expect(() => parseAttentions(list)).toThrow(message);
	});
});

describe("registry", () => {
	it("makes every attention with its defaults, of the causality asked for unless it says why not", () => {
		for (const choice of parseAttentions(registry.map(({ name }) => name).join()))
			for (const causal of [true, false]) {
				const { attention, note } = formOf(choice, causal, 1024);
				expect(attention.causal, `${choice.name}, causal: ${causal}`).toBe(note === null ? causal : !causal);
			}
	});

	it("is listed in the help with every option", () => {
		const text = describeRegistry();
		for (const { name, options } of registry)
			for (const word of [name, ...Object.keys(options)]) expect(text).toContain(word);
	});
});

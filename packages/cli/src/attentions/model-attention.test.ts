import { OptionError } from "longspan";
import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.js";
import { parseModelAttention } from "./model-attention.js";

const parse = (text: string) => parseModelAttention(text, "--attention");

describe("parseModelAttention", () => {
	it("reads one for all layers, a list for layers in turn, and sums for heads", () => {
		const cases: [text: string, layers: number, heads: number, descriptions: RegExp[]][] = [
			["linear", 1, 1, [/^linear/]],
			["local:32, reformer", 2, 1, [/local/, /LSH/]],
			["window:256+linear", 1, 2, [/window.* \+ linear/]],
			["full,window=8 + linear+ full", 2, 3, [/full/, /window.* \+ linear.* \+ full/]],
		];
		for (const [text, layers, heads, descriptions] of cases) {
			const choice = parse(text);
			expect([choice.layers, choice.heads], text).toEqual([layers, heads]);
			const attentions = choice.create(64);
			expect(attentions).toHaveLength(descriptions.length);
			for (const [index, attention] of attentions.entries()) {
				expect(attention.causal).toBe(true);
				expect(attention.description).toMatch(descriptions[index] as RegExp);
			}
		}
	});

	it("keeps the text without spaces, so that it is read the same again", () => {
		const { text } = parse(" local:32 , window=8+ linear");
		expect(text).toBe("local:32,window:8+linear");
		expect(parse(text).text).toBe(text);
	});

	it("makes attention for sequences of any length", () => {
		for (const name of ["longformer:8:globals=2", "reformer", "ssd", "taylor", "sparse-fixed"])
			expect(parse(name).create(null)[0]?.causal).toBe(true);
	});

	it.each<[text: string, message: RegExp]>([
		["magic", /^--attention: there is no attention "magic"; there are full, /],
		["local,magic", /^--attention, layer 2: there is no attention "magic"/],
		["full+magic", /^--attention, part 2: there is no attention "magic"/],
		["full,linear+window:x", /^--attention, layer 2, part 2: "window:x" has window "x"/],
		["", /^--attention: "" names no attention there; expected such as linear/],
		["local,,full", /^--attention, layer 2: "local,,full" names no attention there/],
		["local+", /^--attention, part 2: "local\+" names no attention there/],
	])("refuses %j", (text, message) => {
		expect(() => parse(text)).toThrow(UsageError);
		expect(() => parse(text)).toThrow(message);
	});

	it("has no form of attention that looks ahead", () => {
		for (const name of ["star", "linformer", "full+bigbird"]) expect(() => parse(name).create(64)).toThrow(OptionError);
	});
});

import type { Attention } from "longspan";
import { isRefusal, refusalText } from "../attentions/form.js";
import { headNames } from "../output/head-names.js";
import { escapeHtml } from "./html.js";
import { type Pattern, patternsOf } from "./pattern.js";
import { densityPaths, hatchPattern } from "./pattern-svg.js";
import { colorOf } from "./series.js";

const longestDrawn = 2048;
const shortestDrawn = 64;

/** An attention to draw. */
export interface DrawnAttention {
	readonly label: string;
	/** The attention for a length; throws `OptionError` where there is none. */
	at(length: number): Attention;
	/** Whether it is exact attention, which sees everything. */
	readonly exact: boolean;
}

/** Patterns at a length, or why there are none. */
function attempt({ at }: DrawnAttention, n: number, heads: number): { patterns: Pattern[]; refusal: string } {
	try {
		return { patterns: patternsOf(at(n), n, heads), refusal: "" };
	} catch (error) {
		if (!isRefusal(error)) throw error;
		return { patterns: [], refusal: refusalText(error) };
	}
}

/**
 * The shortest length at which a window does not look like full attention: each pattern but the exact one shows at most half
 * of what that shows, if any length can do that, and none is refused that some length could draw.
 */
export function pictureLength(attentions: readonly DrawnAttention[], heads: number): number {
	const lengths: number[] = [];
	for (let n = shortestDrawn; n <= longestDrawn; n *= 2) lengths.push(n);
	const fits = (drawn: DrawnAttention, n: number): boolean => {
		const { patterns } = attempt(drawn, n, heads);
		return patterns.length > 0 && !patterns.some(looksFull);
	};
	const shortest = attentions
		.filter(({ exact }) => !exact)
		.map((drawn) => {
			const fitting = lengths.find((n) => fits(drawn, n));
			if (fitting !== undefined) return fitting;
			const drawable = lengths.filter((n) => attempt(drawn, n, heads).patterns.length > 0);
			return drawable[drawable.length - 1] ?? shortestDrawn;
		});
	return Math.max(shortestDrawn, ...shortest);
}

function looksFull({ density: { cells, values }, causal, indirect }: Pattern): boolean {
	const share = values.reduce((sum, value) => sum + value, 0) / values.length;
	const everything = causal ? (cells + 1) / (2 * cells) : 1;
	return !indirect && share > everything / 2;
}

function figure(picture: string, title: string, text: string): string {
	return `<figure class="tile"><figcaption><strong>${escapeHtml(title)}</strong> ${escapeHtml(text)}</figcaption>${picture}</figure>`;
}

/** Pictures of which keys (across) each query (down) sees, one for each kind of head of an attention. */
export function patternFigures(drawn: DrawnAttention, index: number, n: number, heads: number): string {
	const { patterns, refusal } = attempt(drawn, n, heads);
	if (patterns.length === 0) return figure("", drawn.label, refusal);
	return patterns
		.map((pattern) => {
			const title = pattern.heads === null ? drawn.label : `${drawn.label}, ${headNames(pattern.heads)}`;
			return patternFigure(pattern, title, index, `hatch-${index}`);
		})
		.join("\n");
}

/** One picture in the colour of a series. `hatch`: a name of its own on the page. */
export function patternFigure(
	{ density, text, indirect }: Pattern,
	title: string,
	index: number,
	hatch: string,
): string {
	const color = colorOf(index);
	const defs = indirect ? `<defs>${hatchPattern(hatch, color)}</defs>` : "";
	const paths = densityPaths(density, indirect ? `url(#${hatch})` : color);
	const { cells } = density;
	const svg = `<svg class="pattern" role="img" aria-label="${escapeHtml(`${title}: ${text}`)}" viewBox="0 0 ${cells} ${cells}" shape-rendering="crispEdges">${defs}${paths}</svg>`;
	return figure(svg, title, text);
}

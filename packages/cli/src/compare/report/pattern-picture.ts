import type { Attention, TilePlan } from "longspan";
import { formatCount } from "../output/format.js";
import { escapeHtml } from "./html.js";
import { type Density, planDensity, stateDensity } from "./pattern-density.js";
import { colorOf } from "./series.js";

const shades = 8;
const longestDrawn = 2048;
const shortestDrawn = 64;

/** An attention to draw. */
export interface DrawnAttention {
	readonly label: string;
	readonly attention: Attention;
	/** Whether it is exact attention, which sees everything. */
	readonly exact: boolean;
}

function plansOf({ attention }: DrawnAttention, n: number, heads: number): readonly TilePlan[] | null {
	const connectivity = attention.connectivity(n, heads);
	return connectivity.kind === "tiles" ? connectivity.parts.flatMap(({ plans }) => plans) : null;
}

function shareOf(plan: TilePlan): number {
	const { values } = planDensity(plan);
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The shortest length at which a window does not look like full attention: each pattern but the exact one shows at most half
 * of what that shows, if any length can do that.
 */
export function pictureLength(attentions: readonly DrawnAttention[], heads: number): number {
	const sparse = attentions.filter(({ exact }) => !exact);
	const looksFull = (drawn: DrawnAttention, n: number): boolean => {
		const everything = drawn.attention.causal ? (n + 1) / (2 * n) : 1;
		return (plansOf(drawn, n, heads) ?? []).some((plan) => shareOf(plan) > everything / 2);
	};
	let n = shortestDrawn;
	while (n < longestDrawn && sparse.some((drawn) => looksFull(drawn, n))) n *= 2;
	return n;
}

/** Cells of one shade as a path of rectangles one cell high. */
function shadePath({ cells, values }: Density, shade: number): string {
	const shadeOf = (cell: number) => Math.ceil((values[cell] as number) * shades);
	let path = "";
	for (let row = 0; row < cells; row++)
		for (let column = 0; column < cells; column++) {
			const start = column;
			while (column < cells && shadeOf(row * cells + column) === shade) column++;
			if (column > start) path += `M${start} ${row}h${column - start}v1h${start - column}z`;
		}
	return path;
}

function densitySvg(density: Density, color: string, fill: string, description: string): string {
	const paths = Array.from({ length: shades }, (_, index) => {
		const path = shadePath(density, index + 1);
		return path && `<path d="${path}" fill="${fill}" fill-opacity="${(index + 1) / shades}"/>`;
	});
	const { cells } = density;
	return `<svg class="pattern" role="img" aria-label="${escapeHtml(description)}" viewBox="0 0 ${cells} ${cells}" shape-rendering="crispEdges" style="color:${color}">${paths.join("")}</svg>`;
}

function figure(picture: string, title: string, text: string): string {
	return `<figure class="tile"><figcaption><strong>${escapeHtml(title)}</strong> ${escapeHtml(text)}</figcaption>${picture}</figure>`;
}

/** Pictures of which keys (across) each query (down) sees, one for each distinct plan of an attention. */
export function patternFigures(drawn: DrawnAttention, index: number, n: number, heads: number): string {
	const { label, attention } = drawn;
	const color = colorOf(index);
	const plans = plansOf(drawn, n, heads);
	if (!plans) {
		const hatch = `<svg class="hatch" aria-hidden="true"><defs><pattern id="hatch-${index}" width="2" height="2" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="2" fill="${color}" fill-opacity="0.18"/><rect width="0.6" height="2" fill="${color}"/></pattern></defs></svg>`;
		const sides = attention.causal ? "every key up to its own" : "every key";
		const text = `${sides}, through a state of fixed size`;
		const density = stateDensity(64, attention.causal);
		return hatch + figure(densitySvg(density, color, `url(#hatch-${index})`, `${label}: ${text}`), label, text);
	}
	return plans
		.map((plan, which) => {
			const density = planDensity(plan);
			const pairs = Math.round(shareOf(plan) * n * n);
			const text = `${formatCount(pairs)} of ${formatCount(n * n)} pairs`;
			const title = plans.length > 1 ? `${label}, heads of kind ${which + 1}` : label;
			return figure(densitySvg(density, color, color, `${title}: ${text}`), title, text);
		})
		.join("\n");
}

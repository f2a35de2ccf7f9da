import { headNames } from "../output/head-names.js";
import { escapeHtml } from "./html.js";
import type { Pattern } from "./pattern.js";
import { densityPaths, hatchPattern } from "./pattern-svg.js";

const picture = 320;
const gap = 48;
const titleLine = 30;
const subtitleLine = 20;
const caption = 44;
const edge = 34;
const mostColumns = 4;
/** Widths of characters, somewhat more than they are in common fonts. */
const character = { title: 11.5, subtitle: 7.6 } as const;
/** Colours of their own: a picture is also opened where a page's style does not reach. */
const ink = { page: "#ffffff", ground: "#f0f2f5", text: "#1a1d23", soft: "#5b6472", pair: "#0b63a5" } as const;

function panel({ heads, text, density, indirect }: Pattern, index: number, top: number): string {
	const x = edge + (index % mostColumns) * (picture + gap);
	const y = top + Math.floor(index / mostColumns) * (caption + picture + gap) + caption;
	const { cells } = density;
	const fill = indirect ? "url(#hatch)" : ink.pair;
	return `<g transform="translate(${x} ${y})">
<text y="-24" font-size="14" font-weight="600" fill="${ink.text}">${escapeHtml(headNames(heads))}</text>
<text y="-7" font-size="12.5" fill="${ink.soft}">${escapeHtml(text)}</text>
<svg width="${picture}" height="${picture}" viewBox="0 0 ${cells} ${cells}" shape-rendering="crispEdges"><rect width="${cells}" height="${cells}" fill="${ink.ground}"/>${densityPaths(density, fill)}</svg>
<text x="${picture / 2}" y="${picture + 18}" font-size="12" text-anchor="middle" fill="${ink.soft}">keys</text>
<text transform="translate(-10 ${picture / 2}) rotate(-90)" font-size="12" text-anchor="middle" fill="${ink.soft}">queries</text>
</g>`;
}

/** Patterns side by side as an SVG file of its own. `subtitles` are lines that tell what they are patterns of. */
export function patternSheet(patterns: readonly Pattern[], title: string, subtitles: readonly string[]): string {
	const columns = Math.min(mostColumns, patterns.length);
	const rows = Math.ceil(patterns.length / mostColumns);
	const textWidth = Math.max(
		title.length * character.title,
		...subtitles.map((line) => line.length * character.subtitle),
	);
	const width = Math.ceil(2 * edge + Math.max(textWidth, columns * picture + (columns - 1) * gap));
	const top = titleLine + subtitles.length * subtitleLine + 12;
	const height = top + rows * (caption + picture + gap);
	return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(`${title}: ${subtitles.join(", ")}`)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif">
<defs>${hatchPattern("hatch", ink.pair)}</defs>
<rect width="${width}" height="${height}" fill="${ink.page}"/>
<text x="${edge}" y="${titleLine}" font-size="19" font-weight="600" fill="${ink.text}">${escapeHtml(title)}</text>
${subtitles.map((line, index) => `<text x="${edge}" y="${titleLine + (index + 1) * subtitleLine}" font-size="13" fill="${ink.soft}">${escapeHtml(line)}</text>`).join("\n")}
${patterns.map((pattern, index) => panel(pattern, index, top)).join("\n")}
</svg>
`;
}

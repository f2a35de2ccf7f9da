import { escapeHtml } from "./html.js";
import { lightColors } from "./style.js";

const edge = 28;
const gap = 26;
const caption = 26;
const heading = 78;
/** Width of a character, somewhat more than it is in common fonts. */
const character = 7.6;

/** A plot with a line of text above it. */
export interface CaptionedSvg {
	readonly title: string;
	readonly svg: string;
}

/** Plots below each other as an SVG file that needs no page around it. */
export function standaloneSvg(title: string, subtitle: string, plots: readonly CaptionedSvg[]): string {
	let y = heading;
	const placed = plots.map(({ title: text, svg }) => {
		const { width, height } = sizeOf(svg);
		const top = y;
		y += caption + height + gap;
		return {
			width: Math.max(width, text.length * character),
			markup: `<text x="${edge}" y="${top + 12}" font-size="13.5" font-weight="600">${escapeHtml(text)}</text>
${svg.replace("<svg ", `<svg x="${edge}" y="${top + caption}" `)}`,
		};
	});
	const width = Math.ceil(
		2 * edge + Math.max(subtitle.length * character, title.length * 11.5, ...placed.map((plot) => plot.width)),
	);
	const page = `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(title)}" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" fill="var(--ink)" color="var(--ink)" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif">
<rect width="${width}" height="${y}" fill="var(--surface)"/>
<text x="${edge}" y="34" font-size="19" font-weight="600">${escapeHtml(title)}</text>
<text x="${edge}" y="56" font-size="13" fill="var(--soft)">${escapeHtml(subtitle)}</text>
${placed.map(({ markup }) => markup).join("\n")}
</svg>
`;
	// Many programs that show pictures know no variables.
	return page.replace(/var\(--([\w-]+)\)/g, (variable, name: string) => lightColors[name] ?? variable);
}

function sizeOf(svg: string): { width: number; height: number } {
	const attribute = (name: string) => Number(new RegExp(`^<svg[^>]*\\s${name}="([\\d.]+)"`).exec(svg)?.[1] ?? 0);
	return { width: attribute("width"), height: attribute("height") };
}

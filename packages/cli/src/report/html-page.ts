import { escapeHtml } from "./html.js";
import { style } from "./style.js";

/** A page that needs nothing but itself. `body` and `footer` are HTML, the rest is text. */
export interface HtmlPage {
	readonly title: string;
	/** What made it and when, in small above the heading. */
	readonly origin: string;
	readonly heading: string;
	readonly body: string;
	readonly footer: string;
}

/** The page as text. */
export function htmlPage({ title, origin, heading, body, footer }: HtmlPage): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body><main>
<header><p>${escapeHtml(origin)}</p><h1>${escapeHtml(heading)}</h1></header>
${body}
<footer>${footer}</footer>
</main></body>
</html>
`;
}

/** A moment as a page tells it. */
export function formatMoment(iso: string): string {
	return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** A figure with its title, a sentence on it, and the picture. */
export function plotFigure(title: string, text: string, svg: string): string {
	return `<figure><figcaption><strong>${escapeHtml(title)}</strong>${escapeHtml(text)}</figcaption>${svg}</figure>`;
}

/** Terms and what is to be said of them; those without a text are left out. */
export function factList(entries: readonly (readonly [term: string, text: string | null])[]): string {
	const items = entries.flatMap(([term, text]) =>
		text ? [`<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(text)}</dd>`] : [],
	);
	return `<dl>${items.join("\n")}</dl>`;
}

import { htmlToText } from "./html-to-text.js";

/** Bytes at the begin in which browsers look for the name of the encoding. */
const declaringBytes = 1024;

/** Levels of elements up to which an article is looked for, which takes the cube of their number. */
const mostLevels = 250;

/** Text of a page. */
export interface PageText {
	readonly title: string;
	readonly text: string;
}

/** The name of the encoding that a page declares in its begin. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
	const begin = Buffer.from(bytes.subarray(0, declaringBytes)).toString("latin1");
	return /<meta\b[^>]*\bcharset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(begin)?.[1];
}

/** The article of a page, without what is around it; the whole page if there is no article. Its title comes first. */
export async function readHtml(html: string): Promise<PageText> {
	const [{ Readability }, page] = await Promise.all([import("@mozilla/readability"), parsePage(html)]);
	const named = page.querySelector("title")?.textContent ?? "";
	const article =
		levelsOf(page.body) > mostLevels
			? null
			: new Readability(page, { serializer: (node) => htmlToText(node as Node) }).parse();
	const title = (article?.title || named).replace(/\s+/g, " ").trim();
	// Looking for the article has changed the page.
	const text = article?.content || htmlToText((await parsePage(html)).body);
	const repeats = text
		.slice(0, title.length + 2)
		.replace(/\s+/g, " ")
		.includes(title);
	return { title, text: repeats || text === "" ? text : `${title}\n\n${text}` };
}

/** The text of Markdown, and its first heading, or what its front matter says, as title. */
export async function readMarkdown(source: string): Promise<PageText> {
	const { marked } = await import("marked");
	const [, front, content = source] = /^---\n(.*?)\n(?:---|\.\.\.)\n(.*)$/s.exec(source) ?? [];
	const { body } = await parsePage(await marked.parse(content, { gfm: true }));
	const named = /^title:\s*(["']?)(.+)\1\s*$/m.exec(front ?? "")?.[2];
	const title = named ?? body.querySelector("h1")?.textContent ?? "";
	return { title: title.replace(/\s+/g, " ").trim(), text: htmlToText(body) };
}

/** How deeply elements are nested. */
function levelsOf(root: Element): number {
	let levels = 0;
	for (let level: Element[] = [root]; level.length > 0; levels++)
		level = level.flatMap((element) => Array.from(element.children));
	return levels;
}

async function parsePage(html: string): Promise<Document> {
	const { parseHTML } = await import("linkedom");
	const isWhole = [/<html\b/i, /<head\b/i, /<body\b/i].every((start) => start.test(html));
	return parseHTML(isWhole ? html : completed(html)).document;
}

/** A page with the elements that may be left out, which the parser does not add. */
function completed(html: string): string {
	const head = /<head\b[^>]*>(.*?)<\/head\s*>/is.exec(html);
	const rest = (head ? html.slice(0, head.index) + html.slice(head.index + head[0].length) : html).replace(
		/<!doctype\b[^>]*>|<\/?(?:html|body)\b[^>]*>/gi,
		"",
	);
	return `<!doctype html><html><head>${head?.[1] ?? ""}</head><body>${rest}</body></html>`;
}

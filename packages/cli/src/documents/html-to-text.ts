const namesOf = (names: string) => new Set(names.split(" "));
const hidden = namesOf("head title script style noscript template svg iframe object select textarea");
const paragraphs = namesOf(
	"address article aside blockquote body details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre " +
		"section summary table ul",
);
const lines = namesOf("br caption dd dt figcaption li tr");
const cells = namesOf("td th");

/** What may be due between two pieces of text; of several, the last in this list is written. */
const gaps = ["", " ", "\t", "\n", "\n\n"] as const;

const elementNode = 1;
const textNode = 3;

function isNestedList({ tagName, parentNode }: Element): boolean {
	return /^[uo]l$/i.test(tagName) && parentNode?.nodeName.toLowerCase() === "li";
}

/** The text that is shown of a part of a page: paragraphs an empty line apart, items of lists and rows of tables on lines. */
export function htmlToText(root: Node): string {
	const pieces: string[] = [];
	let due = 0;
	const gap = (text: (typeof gaps)[number]) => {
		due = Math.max(due, gaps.indexOf(text));
	};
	const write = (text: string) => {
		if (text === "") return;
		if (pieces.length > 0) pieces.push(gaps[due] as string);
		pieces.push(text);
		due = 0;
	};
	const visit = (node: Node, preformatted: boolean): void => {
		if (node.nodeType === textNode) {
			const text = (node.textContent ?? "").replaceAll("\u00ad", "");
			if (preformatted) {
				write(text.replace(/^\n|\n$/g, ""));
				return;
			}
			const words = text.replace(/\s+/g, " ");
			if (words.startsWith(" ")) gap(" ");
			write(words.trim());
			if (words.endsWith(" ")) gap(" ");
			return;
		}
		const element = node as Element;
		const name = node.nodeType === elementNode ? element.tagName.toLowerCase() : "";
		if (hidden.has(name) || (name !== "" && element.hasAttribute("hidden"))) return;
		const around =
			isNestedList(element) || lines.has(name) ? "\n" : paragraphs.has(name) ? "\n\n" : cells.has(name) ? "\t" : "";
		gap(around);
		// No element of pages, but a gap that a model is to fill.
		if (name === "mask") write("<mask>");
		if (name === "li") {
			write("-");
			gap(" ");
		}
		for (const child of Array.from(node.childNodes)) visit(child, preformatted || name === "pre");
		gap(around);
	};
	visit(root, false);
	return pieces.join("");
}

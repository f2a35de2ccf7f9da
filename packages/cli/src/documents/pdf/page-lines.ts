/** A piece of text as pdf.js finds it on a page. */
export interface TextItem {
	readonly str: string;
	/** Where it is: the last two are x and y, which grows upwards. */
	readonly transform: readonly number[];
	readonly height: number;
	readonly hasEOL: boolean;
}

/** A line of a page. */
export interface Line {
	readonly text: string;
	/** From its base line to the bottom of the page. */
	readonly y: number;
	/** Of its letters. */
	readonly height: number;
	/** Page it is on, from 0. */
	readonly page: number;
}

/** Puts the pieces of a page together into lines; those without text are left out. */
export function pageLines(items: readonly TextItem[], page: number): Line[] {
	const lines: Line[] = [];
	let pieces: TextItem[] = [];
	const end = () => {
		const text = pieces.map(({ str }) => str).join("");
		const first = pieces.find(({ str }) => str.trim() !== "");
		if (first)
			lines.push({ text: text.replace(/\s+/g, " ").trim(), y: first.transform[5] ?? 0, height: first.height, page });
		pieces = [];
	};
	for (const item of items) {
		pieces.push(item);
		if (item.hasEOL) end();
	}
	end();
	return lines;
}

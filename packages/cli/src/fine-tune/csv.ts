/**
 * The records of a table in CSV (RFC 4180): fields between commas (or another separator), in quotes where they hold separators, quotes
 * (doubled) or line breaks. Empty lines are passed over.
 *
 * @throws Error saying in which line a quote is not closed, or is followed by more text
 */
export function parseCsv(text: string, separator = ","): string[][] {
	const records: string[][] = [];
	let [fields, at, line]: [string[], number, number] = [[], 0, 1];
	while (at < text.length) {
		let field: string;
		if (text[at] === '"') {
			const start = line;
			field = "";
			for (at++; ; ) {
				const end = text.indexOf('"', at);
				if (end < 0) throw new Error(`a quote in line ${start} is not closed`);
				const part = text.slice(at, end);
				line += part.split("\n").length - 1;
				field += part;
				at = end + 1;
				if (text[at] !== '"') break;
				field += '"';
				at++;
			}
			if (at < text.length && ![separator, "\n", "\r"].includes(text[at] as string))
				throw new Error(`text follows a closing quote in line ${line}`);
		} else {
			const begin = at;
			while (at < text.length && ![separator, "\n", "\r"].includes(text[at] as string)) at++;
			field = text.slice(begin, at);
		}
		fields.push(field);
		if (text[at] === separator) {
			at++;
			// What follows the last separator is a field, too.
			if (at < text.length) continue;
			fields.push("");
		}
		if (text[at] === "\r") at++;
		if (text[at] === "\n") at++;
		line++;
		if (fields.length > 1 || fields[0] !== "") records.push(fields);
		fields = [];
	}
	return records;
}

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { listFiles, reading } from "../data/list-files.js";
import { randomSequence } from "../data/random-sequence.js";
import { InputError, UsageError } from "../errors.js";
import type { DataSummary } from "../train/data.js";
import { parseCsv } from "./csv.js";

/** A text and the name of its class. */
export interface LabelledText {
	readonly text: string;
	readonly label: string;
}

/** Texts to train on and to measure with. */
export interface LabelledTexts {
	readonly train: readonly LabelledText[];
	readonly heldOut: readonly LabelledText[];
	/** Names of all classes, in the order of numbers if they are numbers, else of letters. */
	readonly labels: readonly string[];
	readonly summary: DataSummary;
}

/** Of so many texts in a row, one is held out: files are often in the order of the classes. */
const heldOutEvery = 10;

/** Whether a text of a file is held out. Which of a row is drawn, since classes may take turns; always the same. */
function isHeldOut(index: number): boolean {
	const row = Math.floor(index / heldOutEvery);
	return index % heldOutEvery === Math.floor(randomSequence(0, row)() * heldOutEvery);
}

/**
 * Reads texts with their classes: lines of JSON, `{ "text": …, "label": … }`, in .jsonl files, or tables with columns of these names in
 * .csv and .tsv files.
 *
 * @throws InputError naming the file and line that cannot be used, or if there are fewer than two classes
 */
export function readLabelledTexts(paths: readonly string[]): LabelledTexts {
	if (paths.length === 0)
		throw new UsageError("--data: none is given; expected .jsonl or .csv files of text and label");
	const files = listFiles(paths);
	const [train, heldOut]: [LabelledText[], LabelledText[]] = [[], []];
	for (const { path } of files)
		for (const [index, own] of readFile(path).entries()) (isHeldOut(index) ? heldOut : train).push(own);
	const labels = [...new Set([...train, ...heldOut].map(({ label }) => label))];
	const numbers = labels.every((label) => /^-?\d+(\.\d+)?$/.test(label));
	labels.sort((a, b) => (numbers ? Number(a) - Number(b) : a < b ? -1 : 1));
	if (labels.length < 2)
		throw new InputError(
			`--data: the texts have ${labels.length === 1 ? `one class, "${labels[0]}"` : "no class"}; expected at least two`,
		);
	if (heldOut.length === 0)
		throw new InputError(
			`--data: there are ${train.length} texts, of which none is held out; expected at least ${heldOutEvery} in a file`,
		);
	const bytes = (texts: readonly LabelledText[]) => texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
	const summary = { files: files.length, trainBytes: bytes(train), heldOutBytes: bytes(heldOut) };
	return { train, heldOut, labels, summary };
}

function readFile(path: string): LabelledText[] {
	const kind = /\.(jsonl|ndjson|csv|tsv)$/i.exec(path)?.[1]?.toLowerCase();
	if (!kind) throw new InputError(`"${path}" is no file of texts with classes; expected .jsonl, .csv or .tsv`);
	const bytes = reading(path, () => readFileSync(path));
	if (!isUtf8(bytes)) throw new InputError(`"${path}" is no text in UTF-8`);
	const text = new TextDecoder().decode(bytes);
	return kind === "csv" || kind === "tsv" ? ofTable(path, text, kind === "csv" ? "," : "\t") : ofLines(path, text);
}

function ofLines(path: string, text: string): LabelledText[] {
	return text.split("\n").flatMap((line, index) => {
		if (line.trim() === "") return [];
		const place = `"${path}", line ${index + 1}`;
		let found: unknown;
		try {
			found = JSON.parse(line);
		} catch {
			throw new InputError(`${place}: it is no JSON`);
		}
		const { text, label } = (typeof found === "object" && found !== null ? found : {}) as Record<string, unknown>;
		return [labelled(place, text, label)];
	});
}

function ofTable(path: string, text: string, separator: string): LabelledText[] {
	let records: string[][];
	try {
		records = parseCsv(text, separator);
	} catch (error) {
		throw new InputError(`"${path}": ${(error as Error).message}`);
	}
	const [header = [], ...rows] = records;
	const [textAt, labelAt] = ["text", "label"].map((name) =>
		header.findIndex((title) => title.trim().toLowerCase() === name),
	) as [number, number];
	if (textAt < 0 || labelAt < 0)
		throw new InputError(
			`"${path}": its first line has the columns ${header.join(", ")}; expected text and label among them`,
		);
	return rows.map((row, index) => labelled(`"${path}", record ${index + 2}`, row[textAt], row[labelAt]));
}

function labelled(place: string, text: unknown, label: unknown): LabelledText {
	if (typeof text !== "string") throw new InputError(`${place}: its text is ${JSON.stringify(text)}; expected a text`);
	if (!["string", "number", "boolean"].includes(typeof label) || label === "")
		throw new InputError(`${place}: its label is ${JSON.stringify(label)}; expected the name or number of a class`);
	return { text, label: String(label) };
}

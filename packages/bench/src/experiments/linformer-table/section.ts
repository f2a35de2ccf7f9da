import type { Results, Section } from "../experiment.js";
import { bytesText, listed, markdownTable, short, whole } from "../markdown.js";
import type { Settings } from "./index.js";
import { published, publishedMemory, publishedSpeed } from "./published.js";

/** One forward pass of a layer. */
export interface Cell {
	readonly milliseconds: number;
	/** Calls the time is the median of; 0 where it is extrapolated. */
	readonly calls: number;
	/** Peak of memory beyond the input and the weights. */
	readonly bytes: number;
}

export interface Row {
	readonly length: number;
	/** Without memory where it is extrapolated. */
	readonly exact: Omit<Cell, "bytes"> & { readonly bytes: number | null; readonly extrapolated: boolean };
	readonly linformer: readonly (Cell & { readonly slots: number })[];
}

/** A factor of one length and one k. */
interface Factor {
	readonly length: number;
	readonly slots: number;
	readonly value: number;
	readonly paper: number | undefined;
}

const claim = `Linformer (Wang et al. 2020, arXiv 2006.04768) attends to k mixtures of the keys in place of n keys. Its table 3 gives the speed-up and the memory saved (as the largest batch that fits) over the Transformer
at inference, with one projection matrix for all layers, on a V100 with 16 GB: 1.5 times as fast at n = 512 and k = 128, 20 times as fast with 60 times less memory at n = 65,536.`;

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const { slots, heads, headDim, seconds } = settings;
	const speed = factors(rows, publishedSpeed, (exact, own) => exact.milliseconds / own.milliseconds);
	const measured = rows.filter(({ exact }) => !exact.extrapolated);
	const bytesOf = ({ bytes }: Row["exact"]) => bytes ?? Number.NaN;
	const memory = factors(measured, publishedMemory, (exact, own) => bytesOf(exact) / own.bytes);
	const storing = factors(measured, publishedMemory, (exact, own, length, k) => {
		const scores = (keys: number) => 4 * heads * length * keys;
		return (bytesOf(exact) + scores(length)) / (own.bytes + scores(k));
	});
	const heading = (what: string) => ["n", what, ...slots.map((k) => `k = ${whole(k)}`)];
	const table = (what: string, list: readonly Factor[], shown: readonly Row[], baseline: (row: Row) => string) =>
		markdownTable(
			heading(what),
			shown.map((row) => [whole(row.length), baseline(row), ...slots.map((k) => factorText(list, row.length, k))]),
		);
	const guessed = rows.filter(({ exact }) => exact.extrapolated).map(({ length }) => whole(length));
	return {
		title: "Linformer: speed and memory by length and k",
		claim,
		method: `Here: one forward pass of a transformer layer (projections, attention with ${heads} heads of ${headDim} channels, feed-forward part four times as wide), batch 1, one matrix E for keys and values; a model's layers are all
alike, so its factors are those of one. The baseline is the same layer with this library's exact attention. Each was timed in turns with the others for ${seconds} s, or once where that takes longer.${guessed.length > 0 ? ` The time of exact attention at ${listed(guessed)} (marked *) is not measured but follows from the two lengths before as a n + b n².` : ""} Memory is the peak beyond the input and the weights.`,
		tables: [
			`How many times as fast (published):\n\n${table("exact, ms", speed, rows, ({ exact }) => `${short(exact.milliseconds)}${exact.extrapolated ? "*" : ""}`)}`,
			`How many times less memory. This library's exact attention keeps no scores, so there is little to save:\n\n${table("exact, bytes", memory, measured, ({ exact }) => bytesText(bytesOf(exact))).replaceAll(/ \([^)]*\)/g, "")}`,
			`The same, if both kept their scores, [heads, n, n] and [heads, n, k], as the paper's did: computed, not measured (published):\n\n${table("scores, bytes", storing, measured, ({ length }) => bytesText(4 * heads * length ** 2))}`,
		],
		findings: findings(speed, memory, storing),
	};
}

function factors(
	rows: readonly Row[],
	table: typeof publishedSpeed,
	ratio: (exact: Row["exact"], own: Cell, length: number, slots: number) => number,
): Factor[] {
	return rows.flatMap(({ length, exact, linformer }) =>
		linformer.map((own) => ({
			length,
			slots: own.slots,
			value: ratio(exact, own, length, own.slots),
			paper: published(table, length, own.slots),
		})),
	);
}

function factorText(list: readonly Factor[], length: number, slots: number): string {
	const factor = list.find((each) => each.length === length && each.slots === slots);
	if (!factor) return "";
	return `${short(factor.value)}${factor.paper === undefined ? "" : ` (${short(factor.paper)})`}`;
}

/** The factor of the greatest length with the smallest k. */
function longest(list: readonly Factor[]): Factor | undefined {
	return list.find(({ length }) => length === list.at(-1)?.length);
}

function findings(speed: readonly Factor[], memory: readonly Factor[], storing: readonly Factor[]): string[] {
	const best = longest(speed);
	const saved = longest(memory);
	const stored = longest(storing);
	if (!best || !saved || !stored) return [];
	const compared = speed.filter(({ paper }) => paper !== undefined);
	const reached = compared.filter(({ value, paper }) => value >= (paper as number));
	const slower = speed.filter(({ value }) => value < 1);
	const own = (factor: Factor) => (factor.paper === undefined ? "" : ` (published: ${short(factor.paper)})`);
	return [
		`At n = ${whole(best.length)} and k = ${best.slots} Linformer is ${short(best.value)} times as fast${own(best)}.`,
		...(compared.length > 0
			? [`Its speed-up is at least the published one in ${reached.length} of ${compared.length} cells.`]
			: []),
		slower.length === 0
			? "It is faster than exact attention in every cell."
			: `It is slower than exact attention at ${listed(slower.map(({ length, slots }) => `n = ${whole(length)}, k = ${slots}`))}.`,
		`Memory falls by a factor of ${short(saved.value)} at n = ${whole(saved.length)} and k = ${saved.slots}: exact attention whose scores are never stored needs memory in proportion to n, too. With stored scores the factor would be ${short(stored.value)}${own(stored)}.`,
	];
}

import { growthExponent } from "longspan";
import type { Results, Section } from "../experiment.js";
import { bytesText, listed, markdownTable, short, whole } from "../markdown.js";
import type { Settings } from "./index.js";

export const contestantNames = {
	ours: "longspan",
	quantised: "longspan q8",
	dense: "onnxruntime-node, dense",
	transformers: "transformers, Longformer",
} as const;

/** A forward pass over a text of one length. */
export interface Row {
	readonly contestant: string;
	readonly length: number;
	/** Median of the calls that count. */
	readonly milliseconds: number;
	readonly calls: number;
	/** Most memory the process had, its runtime and the weights included. */
	readonly peakBytes: number;
}

const claim = `Longformer (Beltagy et al. 2020, arXiv 2004.05150), figure 1: time and memory of windowed attention with a few global tokens grow linearly with the length, those of full attention quadratically. The paper gives the figure alone, no
numbers for a whole model.`;

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const { layers, dim, heads, window, seconds } = settings;
	const lengths = [...new Set(rows.map(({ length }) => length))];
	const contestants = Object.values(contestantNames).filter((name) => rows.some((row) => row.contestant === name));
	const rowOf = (contestant: string, length: number) =>
		rows.find((row) => row.contestant === contestant && row.length === length);
	const table = (cell: (row: Row) => string) =>
		markdownTable(
			["tokens", ...contestants],
			lengths.map((length) => [
				whole(length),
				...contestants.map((name) => {
					const row = rowOf(name, length);
					return row ? cell(row) : "–";
				}),
			]),
		);
	return {
		title: "Long documents: a pretrained encoder as a whole",
		claim,
		method: `Here: a Longformer of ${layers} layers, width ${dim}, ${heads} heads, window ${window} (${window / 2} on each side) and one global token, with random weights, loaded from its folder; one text at a time. The dense model has the same layers with full attention, of ONNX Runtime's fused
operators, without embeddings and positions of its own. Each ran in a process of its own on 2 threads, in turns with the others for ${seconds} s, or once where that takes longer. Memory is the peak of the whole process: runtime, weights and everything else. A dash: the dense model was not asked for so much, or the process ended without a result, for want of memory as a rule.`,
		tables: [
			`Seconds for a text:\n\n${table(({ milliseconds }) => short(milliseconds / 1000))}`,
			`Peak memory of the process:\n\n${table(({ peakBytes }) => bytesText(peakBytes))}`,
		],
		findings: findings(lengths, contestants, rowOf),
	};
}

type RowOf = (contestant: string, length: number) => Row | undefined;

function findings(lengths: readonly number[], contestants: readonly string[], rowOf: RowOf): string[] {
	const { ours, dense, transformers } = contestantNames;
	const ratios = (other: string, measure: (row: Row) => number) =>
		lengths.flatMap((length) => {
			const [own, others] = [rowOf(ours, length), rowOf(other, length)];
			return own && others ? [`${short(measure(others) / measure(own))} at ${whole(length)}`] : [];
		});
	const growth = (measure: (row: Row) => number) =>
		growthExponent(
			lengths.flatMap((length) => {
				const row = rowOf(ours, length);
				return row ? [{ n: length, value: measure(row) }] : [];
			}),
		);
	const exponents = [growth(({ milliseconds }) => milliseconds), growth(({ peakBytes }) => peakBytes)];
	return [
		...[dense, transformers]
			.filter((name) => contestants.includes(name))
			.map(
				(name) =>
					`${ours} is this many times as fast as ${name}: ${listed(ratios(name, ({ milliseconds }) => milliseconds))} tokens.`,
			),
		...(contestants.includes(transformers)
			? [
					`${transformers} takes this many times the memory: ${listed(ratios(transformers, ({ peakBytes }) => peakBytes))} tokens.`,
				]
			: []),
		...(exponents.every((exponent) => exponent !== null)
			? [
					`Over all lengths its time grows with the power ${short(exponents[0] as number)} of the length, its memory with ${short(exponents[1] as number)}.`,
				]
			: []),
	];
}

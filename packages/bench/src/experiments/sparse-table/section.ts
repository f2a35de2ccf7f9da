import type { Results, Section } from "../experiment.js";
import { listed, markdownTable, short, whole } from "../markdown.js";
import type { Settings } from "./index.js";

export const patterns = ["dense", "fixed", "strided"] as const;
export type Pattern = (typeof patterns)[number];

/** A model trained with one pattern. */
export interface Row {
	readonly length: number;
	readonly pattern: Pattern;
	readonly secondsPerStep: number;
	/** Of the last step, in nats. */
	readonly loss: number;
	/** Of text that was held out, in nats. */
	readonly heldOutLoss: number;
	/** Size of the text. */
	readonly bytes: number;
}

const claim = `Sparse Transformer (Child et al. 2019, arXiv 1904.10509), table 2: the factorised patterns take less time for a step than dense attention, without a loss in quality where the pattern fits the data: strided for images, fixed for text.

| published | loss: dense, fixed, strided (bits per byte or dimension) | seconds per step: dense, fixed, strided |
|---|---:|---:|
| enwik8, length 12,288 | 1.00, 0.99, 1.13 | 1.31, 0.55, 0.35 |
| CIFAR-10, length 3,072 | 2.82, 2.85, 2.80 | 0.54, 0.47, 0.38 |`;

const publishedSeconds: Readonly<Record<number, Readonly<Record<Pattern, number>>>> = {
	12288: { dense: 1.31, fixed: 0.55, strided: 0.35 },
	3072: { dense: 0.54, fixed: 0.47, strided: 0.38 },
};

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const { tokens, steps, layers, dim, heads, stride, summary, data } = settings;
	const rowOf = (length: number, pattern: Pattern) =>
		rows.find((row) => row.length === length && row.pattern === pattern);
	const table = markdownTable(
		["length", "pattern", "s per step", "× dense", "× dense, published", "held-out bits per byte"],
		rows.map(({ length, pattern, secondsPerStep, heldOutLoss }) => {
			const dense = rowOf(length, "dense")?.secondsPerStep ?? Number.NaN;
			const paper = publishedSeconds[length];
			return [
				whole(length),
				pattern,
				short(secondsPerStep),
				short(dense / secondsPerStep),
				paper ? short(paper.dense / paper[pattern]) : "",
				bits(heldOutLoss).toFixed(3),
			];
		}),
	);
	return {
		title: "Sparse Transformer: time and loss of the patterns",
		claim,
		method: `Here: a byte model of ${layers} layers, ${dim} wide, ${heads} heads with merged patterns, rotary positions, stride ${stride}, ${summary} summary cells in the fixed pattern; ${whole(steps)} steps of ${whole(tokens)} tokens of text (${data ?? "this project's sources and documents"}, ${whole(rows[0]?.bytes ?? 0)} bytes, a tenth of it held out) at both lengths.
The baseline, dense, is this library's exact attention. Models took turns, a step each, on the same batches; times are medians. This is far from a converged training.`,
		tables: [table],
		findings: [...new Set(rows.map(({ length }) => length))].flatMap((length) =>
			findings(
				length,
				patterns.map((pattern) => rowOf(length, pattern)),
			),
		),
	};
}

const bits = (nats: number) => nats / Math.LN2;

function findings(length: number, [dense, ...sparse]: readonly (Row | undefined)[]): string[] {
	const there = sparse.filter((row) => row !== undefined);
	if (!dense || there.length === 0) return [];
	const best = [dense, ...there].reduce((a, b) => (b.heldOutLoss < a.heldOutLoss ? b : a));
	const others = [dense, ...there].filter((row) => row !== best);
	return [
		`At ${whole(length)} a step is, beside dense attention, ${listed(there.map(({ pattern, secondsPerStep }) => `${short(dense.secondsPerStep / secondsPerStep)} times as fast with ${pattern}`))}.`,
		`After as many steps the loss at ${whole(length)} is lowest with ${best.pattern}; ${listed(others.map(({ pattern, heldOutLoss }) => `${pattern} is ${bits(heldOutLoss - best.heldOutLoss).toFixed(3)} bits per byte above it`))}.`,
	];
}

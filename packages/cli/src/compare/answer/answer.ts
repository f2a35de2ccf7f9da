import { exactName } from "../../attentions/registry.js";
import { formatBits, formatBytes, formatCount, formatList, formatMs } from "../../output/format.js";
import type { Row, SkippedRow, TrainingRun } from "../result.js";
import { type BreakEven, breakEven } from "./break-even.js";
import { atEqualSeconds, atEqualSteps, leaders, type Score } from "./quality.js";

/** The findings an answer is drawn from. */
export interface Findings {
	readonly rows: readonly Row[];
	readonly skipped: readonly SkippedRow[];
	readonly training: readonly TrainingRun[];
	/** Attentions that do not exist in the causality asked for: not ranked with the others. Default: none. */
	readonly otherForm?: readonly string[];
}

/** "Which attention fits?", answered in one sentence from the numbers alone. */
export function answer({ rows: all, skipped, training, otherForm = [] }: Findings): string {
	const rows = all.filter(({ attention }) => !otherForm.includes(attention));
	const fastest = fastestAtLongest(rows);
	const facts = [
		...(fastest ? [speed(fastest, rows, skipped), ...overtaking(rows)] : ["no length could be measured"]),
		...quality(training),
		...(otherForm.length > 0
			? [`${formatList(otherForm)}, of another causality, ${otherForm.length > 1 ? "are" : "is"} not ranked`]
			: []),
	];
	return `${verdict(fastest?.[0]?.attention ?? null, training)}: ${facts.join("; ")}.`;
}

/** Rows of the longest length that was measured, fastest first. */
function fastestAtLongest(rows: readonly Row[]): [Row, ...Row[]] | null {
	const longest = Math.max(...rows.map(({ n }) => n));
	const [first, ...others] = rows.filter(({ n }) => n === longest).sort((a, b) => a.forwardMs - b.forwardMs);
	return first ? [first, ...others] : null;
}

/** The attention that wins on every count, or which one wins on which. */
function verdict(fastest: string | null, training: readonly TrainingRun[]): string {
	const perStep = leaders(atEqualSteps(training));
	const perSecond = leaders(atEqualSeconds(training).scores);
	const fit = (names: readonly string[]) => `${formatList(names)} ${names.length > 1 ? "fit" : "fits"} best`;
	if (perStep.length === 0) return fastest ? `By speed alone ${fit([fastest])}` : "There is no answer";
	const learnsBest = perStep.filter((name) => perSecond.includes(name));
	if (!fastest) return `By what it learns alone ${fit(learnsBest.length > 0 ? learnsBest : perStep)}`;
	if (learnsBest.includes(fastest)) return `On this data and machine ${fit([fastest])}`;
	return `On this data and machine ${fit(perStep.includes(fastest) ? perSecond : perStep)} where quality counts, ${fastest} where time does`;
}

function speed([first, ...others]: [Row, ...Row[]], rows: readonly Row[], skipped: readonly SkippedRow[]): string {
	const missing = skipped.filter(({ n }) => n === first.n).map(({ attention }) => attention);
	const times = others.map(({ attention, forwardMs }) => `${attention} ${formatMs(forwardMs)}`);
	const compared = [...few(times), ...missing.map((attention) => `${attention} skipped`)];
	const own = `${formatMs(first.forwardMs)} and ${formatBytes(first.peakBytes)}`;
	const only = rows.every(({ attention }) => attention === first.attention) && missing.length === 0;
	const place = `at ${formatCount(first.n)} tokens`;
	if (only) return `${place} it takes ${own}`;
	return `${place} ${first.attention} is fastest (${[own, ...compared].join(", ")})`;
}

/** From where on the others beat exact attention; those that do so alike are told together. */
function overtaking(rows: readonly Row[]): string[] {
	const others = [...new Set(rows.map(({ attention }) => attention))].filter((attention) => attention !== exactName);
	const told = new Map<string, string[]>();
	for (const attention of others) {
		const crossing = breakEven(attention, rows);
		if (!crossing) continue;
		const when = describeCrossing(crossing);
		told.set(when, [...(told.get(when) ?? []), attention]);
	}
	return [...told].map(
		([when, attentions]) => `${formatList(attentions)} ${attentions.length > 1 ? "are" : "is"} ${when}`,
	);
}

function describeCrossing(crossing: BreakEven): string {
	if (crossing.kind === "never") return `not faster than exact attention up to ${formatCount(crossing.upTo)} tokens`;
	if (crossing.kind === "from") return `faster than exact attention from about ${formatCount(crossing.from)} tokens on`;
	return `faster than exact attention at every length from ${formatCount(crossing.from)} tokens on`;
}

function quality(training: readonly TrainingRun[]): string[] {
	const bySteps = atEqualSteps(training);
	const { seconds, scores } = atEqualSeconds(training);
	const steps = training[0]?.steps ?? 0;
	if (bySteps.length === 0) return [];
	if (bySteps.length === 1) return [`after ${steps} training steps it reaches ${scoreOf(bySteps[0] as Score)}`];
	return [
		`after ${steps} training steps ${ranking(bySteps)}`,
		`in the same ${formatMs(seconds * 1000)} of training ${ranking(scores)}`,
	];
}

function scoreOf({ attention, bitsPerByte }: Score): string {
	return `${formatBits(bitsPerByte)} bits per byte (${attention})`;
}

function ranking(scores: readonly Score[]): string {
	const best = leaders(scores);
	const numbers = few(scores.map(({ attention, bitsPerByte }) => `${attention} ${formatBits(bitsPerByte)}`)).join(", ");
	if (best.length === 1) return `${best[0]} predicts best (bits per byte: ${numbers})`;
	const level = best.length === scores.length ? "all are level" : `${formatList(best)} are level in front`;
	return `${level} (bits per byte: ${numbers})`;
}

/** The first of many items, and how many more there are. */
function few(items: readonly string[]): readonly string[] {
	const most = 4;
	return items.length <= most + 1 ? items : [...items.slice(0, most), `${items.length - most} others`];
}

import type { TrainingRun } from "../result.js";

/** Differences below this many bits per byte say nothing after one short run. */
export const clearDifference = 0.02;

/** Bits per byte of an attention under one condition. */
export interface Score {
	readonly attention: string;
	readonly bitsPerByte: number;
}

/** Bits per byte after `seconds` of training, on a straight line between the moments it was measured. */
export function qualityAt({ curve }: TrainingRun, seconds: number): number {
	const next = curve.findIndex((point) => point.seconds >= seconds);
	const after = curve[next < 0 ? curve.length - 1 : next];
	const before = curve[next - 1];
	if (!after) return Number.NaN;
	if (!before || next < 0) return after.bitsPerByte;
	const part = (seconds - before.seconds) / (after.seconds - before.seconds);
	return before.bitsPerByte + part * (after.bitsPerByte - before.bitsPerByte);
}

function ranked(scores: Score[]): Score[] {
	return scores.filter(({ bitsPerByte }) => Number.isFinite(bitsPerByte)).sort((a, b) => a.bitsPerByte - b.bitsPerByte);
}

/** Attentions by bits per byte after the same number of steps, best first. */
export function atEqualSteps(training: readonly TrainingRun[]): Score[] {
	return ranked(training.map(({ attention, bitsPerByte }) => ({ attention, bitsPerByte })));
}

/** Attentions by bits per byte after the same training time, that of the one that was done first. */
export function atEqualSeconds(training: readonly TrainingRun[]): { seconds: number; scores: Score[] } {
	const seconds = Math.min(...training.map((run) => run.seconds));
	return {
		seconds,
		scores: ranked(training.map((run) => ({ attention: run.attention, bitsPerByte: qualityAt(run, seconds) }))),
	};
}

/** The best, and those not clearly worse. */
export function leaders(scores: readonly Score[]): string[] {
	const best = scores[0]?.bitsPerByte ?? Number.NaN;
	return scores.filter(({ bitsPerByte }) => bitsPerByte - best < clearDifference).map(({ attention }) => attention);
}

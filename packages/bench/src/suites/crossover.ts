import { OptionError } from "longspan";
import { progressOf, timeOf } from "../comparison.js";
import { standardHeadDim, standardHeads } from "../inputs.js";
import { exact, type Subject, subjects } from "../mechanisms.js";
import { figure, type Measurement } from "../report.js";
import { type Operands, randomOperands, subjectContestants } from "../subject-contestants.js";
import { type Times, timeInTurns, timeRatio } from "../timing.js";
import type { Suite } from "./suite.js";

const lengths = [64, 128, 256, 512, 1024, 2048, 4096];

/** From which length on each mechanism is faster than exact attention. */
export const crossover: Suite = {
	summary: "where each mechanism overtakes exact attention, n from 64 to 4096",
	async run(bench) {
		const measurements: Measurement[] = [];
		const ratios = new Map<string, Point[]>(subjects.map(({ name }) => [name, []]));
		for (const length of lengths) {
			const operands = randomOperands(length);
			const runnable = [exact, ...subjects].flatMap((subject) => runnableAt(subject, operands));
			const samples = await timeInTurns(
				runnable.map(({ forward }) => forward),
				{ seconds: bench.seconds / 4, onTurn: progressOf(bench, `crossover ${length}`) },
			);
			const times = (name: string) => samples.get(name) as Times;
			for (const { subject, dispose } of runnable) {
				const { name } = subject;
				measurements.push({ name: `${name} at ${length}`, ...timeOf(times(name)) });
				ratios.get(name)?.push({ length, ratio: timeRatio(times(exact.name), times(name)) });
				dispose();
			}
			operands.dispose();
		}
		return {
			title: `crossover: speed relative to exact attention, forward, ${standardHeads} heads x ${standardHeadDim}`,
			measurements,
			figures: [...ratios].map(([name, points]) =>
				figure(`${name}: faster than exact attention from n = about`, crossing(points)),
			),
			notes: [
				"Interpolated between the lengths measured; Infinity if it is not faster at the longest, the shortest one if it is faster everywhere.",
			],
		};
	},
};

/** The subject's contestants, if it is defined for sequences this short. */
function runnableAt(subject: Subject, operands: Operands) {
	try {
		const contestants = subjectContestants(subject, operands);
		contestants.forward.run();
		return [{ subject, ...contestants }];
	} catch (error) {
		if (error instanceof OptionError) return [];
		throw error;
	}
}

interface Point {
	readonly length: number;
	/** How many times as fast as exact attention. */
	readonly ratio: number;
}

/** The length from which on the ratio stays above 1, by a straight line through the logarithms on both sides of it. */
export function crossing(points: readonly Point[]): number {
	const last = points.findLastIndex(({ ratio }) => ratio < 1);
	const [before, after] = [points[last], points[last + 1]];
	if (!after) return Number.POSITIVE_INFINITY;
	if (!before) return after.length;
	const share = Math.log(1 / before.ratio) / Math.log(after.ratio / before.ratio);
	return Math.round(before.length * (after.length / before.length) ** share);
}

import { encodePlans, reformer } from "longspan";
import { progressOf, timeOf } from "../comparison.js";
import type { Contestant } from "../contestant.js";
import { matmulInputs, standardHeadDim, standardHeads } from "../inputs.js";
import { matmulContestant } from "../longspan.js";
import { exact, subjects } from "../mechanisms.js";
import { atLeast, atMost, type Figure, figure } from "../report.js";
import { type Operands, randomOperands, subjectContestants } from "../subject-contestants.js";
import { medianTime, type Times, timeInTurns, timeRatio } from "../timing.js";
import type { Suite } from "./suite.js";

const length = 16_384;
/** Dense attention at the full length would take half of the suite's time and says nothing more. */
const denseLength = 4096;
const productSize = 1024;

const lsh = { name: "lsh 64, 2 rounds", attend: reformer({ chunkLength: 64, numHashes: 2 }) };

/** What LSH attention does before it attends: hash, sort, make the plans and encode them. */
function planningContestant({ tensors: [q] }: Operands): Contestant {
	return { name: `${lsh.name}, planning`, run: () => void lsh.attend.plansOf(q).map(encodePlans) };
}

/** Every mechanism, forward and backward, as shares of the rates of dense attention and of matrix products. */
export const mechanismsSuite: Suite = {
	summary: "every mechanism at n = 16384, forward and backward",
	async run(bench) {
		const [operands, fewer] = [randomOperands(length), randomOperands(denseLength)];
		const made = subjects.map((subject) => ({ subject, ...subjectContestants(subject, operands) }));
		const dense = subjectContestants(exact, fewer).forward;
		const product = matmulContestant(matmulInputs(productSize), `matmul ${productSize}`);
		const planning = planningContestant(operands);
		const contestants = [product, dense, planning, ...made.flatMap(({ forward, both }) => [forward, both])];
		const samples = await timeInTurns(contestants, {
			seconds: bench.seconds,
			onTurn: progressOf(bench, "mechanisms"),
		});
		const times = (name: string) => samples.get(name) as Times;
		const flopsOf = new Map<string, number>([
			[product.name, 2 * productSize ** 3],
			[dense.name, exact.flops(denseLength)],
			...subjects.map(({ name, flops }) => [name, flops(length)] as const),
		]);
		for (const { dispose } of [product, ...made]) dispose?.();
		for (const each of [operands, fewer]) each.dispose();

		/** The rate of a subject in percent of another contestant's, by their ratios within rounds. */
		const share = (name: string, other: string) =>
			100 * ((flopsOf.get(name) as number) / (flopsOf.get(other) as number)) * timeRatio(times(other), times(name));
		const figures = made.flatMap(({ subject, forward, both }): Figure[] => {
			const backward = timeRatio(times(both.name), times(forward.name)) - 1;
			const list = [figure(`${subject.name}: backward, in forwards`, backward, atMost(3))];
			if (!subject.rate) return list;
			const [other, what] =
				subject.rate.of === "dense" ? [dense.name, "dense rate per pair"] : [product.name, "matmul rate"];
			return [
				figure(`${subject.name}: % of the ${what}`, share(subject.name, other), atLeast(subject.rate.share)),
				...list,
			];
		});
		return {
			title: `mechanisms: n = ${length}, ${standardHeads} heads x ${standardHeadDim}; full at n = ${denseLength}`,
			measurements: contestants.map(({ name }) => ({ name, ...timeOf(times(name), flopsOf.get(name)) })),
			figures: [
				...figures,
				figure("causal linear, in linear", timeRatio(times("linear, causal"), times("linear")), atMost(2.5)),
				figure(
					`${lsh.name}: planning, in % of the whole`,
					100 * timeRatio(times(planning.name), times(lsh.name)),
					atMost(25),
				),
				figure(
					`${lsh.name}, in windows of as many pairs (128)`,
					timeRatio(times(lsh.name), times("window 128")),
					atMost(2.5),
				),
			],
			notes: [
				"GFLOP/s counts the definition: visible pairs (a pair that counts twice, twice), state or projections; not hashing, feature maps, merging or normalising, nor what tiles do more.",
				`matmul took ${medianTime(times(product.name).wall).toFixed(1)} ms; shares are medians of ratios within rounds.`,
			],
		};
	},
};

import { growthExponent, sparseTransformer } from "longspan";
import { progressOf, timeOf } from "../comparison.js";
import { standardHeadDim, standardHeads } from "../inputs.js";
import { exact, type Subject, subjects } from "../mechanisms.js";
import { bytesBeyondOperands } from "../memory.js";
import { atMost, type Figure, figure } from "../report.js";
import { type Operands, randomOperands, subjectContestants } from "../subject-contestants.js";
import { type Times, timeInTurns } from "../timing.js";
import type { Suite } from "./suite.js";

const lengths = [4096, 8192, 16_384, 32_768, 65_536];
/** Exact attention takes too long at the others. */
const exactLengths = [1024, 2048, 4096, 8192];

/** The Sparse Transformer as its paper scales it: the stride is the square root of the length. */
const rootSparse = (["strided", "fixed"] as const).map(
	(pattern): Subject => ({
		name: `${pattern}, stride √n`,
		attend: (length) => {
			const stride = Math.round(Math.sqrt(length));
			return sparseTransformer({ pattern, stride, ...(pattern === "fixed" && { summary: 16 }) });
		},
		flops: () => 0,
		timeExponent: 1.6,
	}),
);

/** How time and memory grow with the length. */
export const growth: Suite = {
	summary: "growth of time and memory of every mechanism from 4k to 64k",
	async run(bench) {
		const grown = [
			...subjects.map((subject) => ({ subject, lengths })),
			...rootSparse.map((subject) => ({ subject, lengths })),
			{ subject: exact, lengths: exactLengths },
		];
		const operands = new Map(
			[...new Set([...exactLengths, ...lengths])].map((length) => [length, randomOperands(length)]),
		);
		const cells = grown.flatMap(({ subject, lengths }) =>
			lengths.map((length) => {
				const named = { ...subject, name: `${subject.name}, n = ${length}` };
				return { subject, length, ...subjectContestants(named, operands.get(length) as Operands) };
			}),
		);
		const samples = await timeInTurns(
			cells.map(({ forward }) => forward),
			{ seconds: bench.seconds / 4, onTurn: progressOf(bench, "growth") },
		);
		const rows = cells.map(({ subject, length, forward }) => ({
			subject,
			length,
			name: forward.name,
			...timeOf(samples.get(forward.name) as Times),
			bytes: bytesBeyondOperands(bench.device, forward),
		}));
		for (const { dispose } of [...cells, ...operands.values()]) dispose();
		return {
			title: `growth: n from ${lengths[0]} to ${lengths[lengths.length - 1]} (full: to ${exactLengths[exactLengths.length - 1]}), ${standardHeads} heads x ${standardHeadDim}, forward`,
			measurements: rows.map(({ name, milliseconds, processorMilliseconds, bytes }) => ({
				name,
				milliseconds,
				processorMilliseconds,
				bytes,
			})),
			figures: grown.flatMap(({ subject: { name, timeExponent = 1.1 } }): Figure[] => {
				const own = rows.filter((row) => row.subject.name === name);
				const exponent = (of: "milliseconds" | "processorMilliseconds" | "bytes") =>
					growthExponent(own.map((row) => ({ n: row.length, value: row[of] }))) ?? Number.NaN;
				return [
					figure(
						`${name}: exponent of time`,
						exponent("milliseconds"),
						timeExponent === null ? undefined : atMost(timeExponent),
					),
					figure(`${name}: exponent of CPU time`, exponent("processorMilliseconds")),
					figure(`${name}: exponent of memory`, exponent("bytes"), atMost(1.05)),
				];
			}),
			notes: ["Bytes are the peak of the device's memory during a call, q, k and v not counted, the output counted."],
		};
	},
};

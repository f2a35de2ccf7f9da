import { type Attention, linear, normal, slidingWindow, type Tensor } from "longspan";
import { progressOf, timeOf } from "../comparison.js";
import { growthExponent } from "../growth-exponent.js";
import { standardHeadDim, standardHeads } from "../inputs.js";
import { tensorContestant } from "../longspan.js";
import { bytesBeyondOperands } from "../memory.js";
import { atMost, figure } from "../report.js";
import { type Times, timeInTurns } from "../timing.js";
import type { Suite } from "./suite.js";

const lengths = [4096, 8192, 16_384, 32_768, 65_536];
const window = 256;

/** How time and memory grow with the length. */
export const growth: Suite = {
	summary: "growth of time and memory from 4k to 64k, window and linear",
	async run(bench) {
		const mechanisms: Readonly<Record<string, Attention>> = {
			window: slidingWindow({ window }),
			linear: linear({ causal: true }),
		};
		const operands = new Map(lengths.map((length) => [length, randomOperands(length)]));
		const cells = Object.entries(mechanisms).flatMap(([mechanism, attend]) =>
			lengths.map((length) => {
				const [q, k, v] = operands.get(length) as [Tensor, Tensor, Tensor];
				return {
					mechanism,
					length,
					contestant: tensorContestant(`${mechanism} at ${length.toLocaleString("en")}`, [], () => attend(q, k, v)),
				};
			}),
		);
		const samples = await timeInTurns(
			cells.map(({ contestant }) => contestant),
			{ seconds: bench.seconds, onTurn: progressOf(bench, "growth") },
		);
		const rows = cells.map(({ mechanism, length, contestant }) => ({
			mechanism,
			length,
			name: contestant.name,
			...timeOf(samples.get(contestant.name) as Times),
			bytes: bytesBeyondOperands(bench.device, contestant),
		}));
		for (const tensor of [...operands.values()].flat()) tensor.dispose();
		return {
			title: `growth: n from ${lengths[0]} to ${lengths[lengths.length - 1]}, ${standardHeads} heads x ${standardHeadDim}, forward; window ${window}, linear causal`,
			measurements: rows.map(({ name, milliseconds, processorMilliseconds, bytes }) => ({
				name,
				milliseconds,
				processorMilliseconds,
				bytes,
			})),
			figures: Object.keys(mechanisms).flatMap((mechanism) => {
				const own = rows.filter((row) => row.mechanism === mechanism);
				const exponent = (of: "milliseconds" | "processorMilliseconds" | "bytes") =>
					growthExponent(own.map((row) => ({ x: row.length, y: row[of] })));
				return [
					figure(`${mechanism}: exponent of time`, exponent("milliseconds"), atMost(1.1)),
					figure(`${mechanism}: exponent of CPU time`, exponent("processorMilliseconds")),
					figure(`${mechanism}: exponent of memory`, exponent("bytes"), atMost(1.05)),
				];
			}),
			notes: ["Bytes are the peak of the device's memory during a call, q, k and v not counted, the output counted."],
		};
	},
};

function randomOperands(length: number): Tensor[] {
	return [1, 2, 3].map((seed) => normal([1, standardHeads, length, standardHeadDim], { seed }));
}

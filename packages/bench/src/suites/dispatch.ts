import { add, matmul, neg, normal } from "longspan";
import { progressOf, timeOf } from "../comparison.js";
import type { Contestant } from "../contestant.js";
import { ours } from "../longspan.js";
import { atMost, figure } from "../report.js";
import { type Times, timeInTurns } from "../timing.js";
import type { Suite } from "./suite.js";

/** Calls of a tiny operation per timed call, so that the clock's resolution does not matter. */
const calls = 1000;
const target = atMost(5);

/** What a call costs when there is nothing to compute. */
export const dispatch: Suite = {
	summary: "cost of an operation on a few numbers, on the main thread",
	async run(bench) {
		const [a, b] = [normal([4, 4], { seed: 1 }), normal([4, 4], { seed: 2 })];
		const own: Contestant[] = Object.entries({
			add: () => add(a, b),
			neg: () => neg(a),
			matmul: () => matmul(a, b),
		}).map(([operation, compute]) => ({
			name: `${ours}, ${operation}`,
			run() {
				for (let call = 0; call < calls; call++) compute().dispose();
			},
		}));
		const others: Contestant[] = [];
		for (const peer of bench.peers) {
			const single = await peer.tinyOperation?.();
			if (single) others.push(repeated(single));
		}
		const samples = await timeInTurns([...own, ...others], {
			seconds: Math.min(bench.seconds, 2),
			onTurn: progressOf(bench, "dispatch"),
		});
		for (const contestant of others) contestant.dispose?.();
		for (const tensor of [a, b]) tensor.dispose();
		const figures = [...own, ...others].map((contestant) => {
			const microseconds = (timeOf(samples.get(contestant.name) as Times).milliseconds * 1000) / calls;
			return figure(`µs, ${contestant.name}`, microseconds, own.includes(contestant) ? target : undefined);
		});
		return {
			title: "dispatch: a tiny operation, its result allocated and freed",
			measurements: [],
			figures,
			notes: ["The peers' calls are asynchronous and are waited for one by one, which is part of their time."],
		};
	},
};

function repeated(single: Contestant): Contestant {
	return {
		name: `${single.name}, add`,
		async run() {
			for (let call = 0; call < calls; call++) await single.run();
		},
		dispose: () => single.dispose?.(),
	};
}

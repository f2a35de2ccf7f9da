import { expect, test } from "vitest";
import type { Contestant } from "./contestant.js";
import { median, medianTime, timeInTurns, timeRatio } from "./timing.js";

test("median of odd and even counts, in any order", () => {
	expect(median([3, 1, 2])).toBe(2);
	expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("ratios are taken within rounds, so that drift between rounds cancels", () => {
	const times = (...wall: (number | undefined)[]) => ({ wall, processor: [] });
	expect(timeRatio(times(2, 20, 200), times(1, 10, 100))).toBe(2);
	expect(timeRatio(times(2, 20, 200), times(1, undefined, 50))).toBe(3);
	expect(medianTime([5, undefined, 7])).toBe(6);
});

test("contestants take turns after a warm-up, three rounds at least", async () => {
	const order: string[] = [];
	const contestant = (name: string): Contestant => ({ name, run: () => void order.push(name) });
	const rounds: string[] = [];
	const samples = await timeInTurns([contestant("a"), contestant("b")], {
		seconds: 1e-9,
		turn: 0,
		onTurn: (name, round) => rounds.push(`${name}${round}`),
	});
	expect(rounds).toEqual(["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3"]);
	expect(samples.get("a")?.wall).toHaveLength(3);
	// One call to warm up, and in each round one not timed and one timed.
	expect(order.filter((name) => name === "a")).toHaveLength(7);
});

test("waits for asynchronous work", async () => {
	let running = 0;
	const contestant = (name: string): Contestant => ({
		name,
		async run() {
			expect(++running).toBe(1);
			await Promise.resolve();
			running--;
		},
	});
	await timeInTurns([contestant("a"), contestant("b")], { seconds: 1e-9, turn: 0 });
	expect(running).toBe(0);
});

test("CPU time of another process counts", async () => {
	let used = 0;
	const run = () => {
		used += 1e6;
	};
	const samples = await timeInTurns([{ name: "a", run, processorTime: () => used }], { seconds: 1e-9, turn: 0 });
	for (const time of samples.get("a")?.processor ?? []) expect(Math.abs((time as number) - 1e6)).toBeLessThan(1000);
});

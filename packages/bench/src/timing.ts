import { setTimeout as sleep } from "node:timers/promises";
import type { Contestant } from "./contestant.js";

// tinybench and mitata time one task after the other. On a machine whose speed drifts, with other work or with heat, that
// gives ratios that say when a task ran. Here contestants take turns in one loop (A B A B ...), so that drift meets all of them.

export interface TimingOptions {
	/** Time each contestant may take, in seconds; at least three rounds are run whatever they take. */
	readonly seconds: number;
	/** A turn repeats its call until it has lasted this long, in milliseconds; 0 for a single call. Default 40. */
	readonly turn?: number;
	/** Called before each turn. */
	readonly onTurn?: (name: string, round: number) => void;
}

/** Milliseconds of one call, by round; rounds a contestant was left out of are undefined. */
export type Samples = readonly (number | undefined)[];

export interface Times {
	/** Time that passed. */
	readonly wall: Samples;
	/** Time of all threads of the process, and of a contestant's own process, which other programs hardly change. Threads that spin while they wait count. */
	readonly processor: Samples;
}

const fewestRounds = 3;
const mostRounds = 25;
/** Calls shorter than this many milliseconds are preceded by one that is not timed: another contestant has emptied the caches. */
const shortCall = 60;
/** Milliseconds after which threads of the contestant before have stopped to spin for more work. */
const pause = 15;

/** State of one contestant during the loop. */
interface Entry {
	readonly contestant: Contestant;
	readonly wall: (number | undefined)[];
	readonly processor: (number | undefined)[];
	spent: number;
	rounds: number;
	estimate: number;
}

/**
 * Times contestants in turns. Those that are done (three rounds and their time) leave the loop, except the first, which
 * all others are compared with: it takes part in every round.
 */
export async function timeInTurns(
	contestants: readonly Contestant[],
	options: TimingOptions,
): Promise<Map<string, Times>> {
	const entries = contestants.map(
		(contestant): Entry => ({ contestant, wall: [], processor: [], spent: 0, rounds: 0, estimate: 0 }),
	);
	const turn = options.turn ?? 40;
	for (const entry of entries) {
		options.onTurn?.(entry.contestant.name, 0);
		entry.estimate = await warmUp(entry.contestant, turn);
	}
	const [first, ...others] = entries;
	const active = (entry: Entry) =>
		entry.rounds < fewestRounds || (entry.rounds < mostRounds && entry.spent < options.seconds * 1000);
	for (let round = 0; (others.length > 0 ? others : entries).some(active); round++)
		for (const entry of entries) {
			if (entry !== first && !active(entry)) continue;
			options.onTurn?.(entry.contestant.name, round + 1);
			const taken = await takeTurn(entry, turn);
			entry.wall[round] = taken.wall;
			entry.processor[round] = taken.processor;
			entry.rounds++;
		}
	return new Map(entries.map(({ contestant, wall, processor }) => [contestant.name, { wall, processor }]));
}

/** Calls until the code is compiled with optimisation, and returns how long the last call took. */
async function warmUp({ run }: Contestant, turn: number): Promise<number> {
	let last = 0;
	let total = 0;
	for (let calls = 0; calls === 0 || (calls < 20 && total < 10 * turn); calls++) {
		const start = performance.now();
		await run();
		last = performance.now() - start;
		total += last;
	}
	return last;
}

async function takeTurn(entry: Entry, turn: number): Promise<{ wall: number; processor: number }> {
	const { run, processorTime = () => 0 } = entry.contestant;
	await sleep(pause);
	const begin = performance.now();
	if (entry.estimate < shortCall) await run();
	const calls: number[] = [];
	let total = 0;
	const before = process.cpuUsage();
	const elsewhereBefore = processorTime();
	do {
		const start = performance.now();
		await run();
		const taken = performance.now() - start;
		calls.push(taken);
		total += taken;
	} while (total < turn);
	const { user, system } = process.cpuUsage(before);
	const elsewhere = processorTime() - elsewhereBefore;
	entry.spent += performance.now() - begin;
	return { wall: median(calls), processor: ((user + system) / 1000 + elsewhere) / calls.length };
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	if (sorted.length % 2 === 1) return sorted[middle] as number;
	return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The typical time of one call. */
export function medianTime(samples: Samples): number {
	return median(samples.filter((sample) => sample !== undefined));
}

/** How many times as long `a` takes as `b`: the median of the ratios within rounds, which drift between rounds cannot move. */
export function timeRatio(a: Times, b: Times): number {
	return median(
		a.wall.flatMap((sample, round) => {
			const other = b.wall[round];
			return sample !== undefined && other !== undefined ? [sample / other] : [];
		}),
	);
}

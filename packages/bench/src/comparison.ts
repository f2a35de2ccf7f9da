import type { Bench } from "./bench.js";
import type { Contestant } from "./contestant.js";
import { relativeDifference } from "./inputs.js";
import type { Peer } from "./peers/peer.js";
import { type Figure, figure, type Measurement, type Target } from "./report.js";

import { medianTime, type Times, timeInTurns, timeRatio } from "./timing.js";

type Maker<Inputs> = (inputs: Inputs) => Contestant | Promise<Contestant>;

export interface Comparison<Inputs> {
	/** What is computed, for progress. */
	readonly label: string;
	/** Our contestant; the peers' results are checked against its own. */
	readonly ours: Maker<Inputs>;
	/** What a peer does for this, undefined if it cannot. */
	readonly peer: (peer: Peer) => Maker<Inputs> | undefined;
	/** A problem on which results are compared before anything is timed, and who computes what the peers do there. Default: `ours`. */
	readonly small: Inputs;
	readonly checkedBy?: Maker<Inputs>;
	/** The problem that is timed. */
	readonly large: Inputs;
	/** Others of ours to time in the same turns. */
	readonly also?: readonly (Contestant & { readonly flops?: number })[];
	/** Operations of one call of the large problem. */
	readonly flops: number;
}

export interface ComparisonResult {
	readonly measurements: readonly Measurement[];
	/** Times by contestant's name. */
	readonly samples: ReadonlyMap<string, Times>;
}

/** A result further from ours than this, relative to its largest element, is of another function. */
const tolerance = 1e-3;

/** Checks all peers that can do a task against our result on a small problem, then times all on a large one in turns. */
export async function compare<Inputs>(bench: Bench, comparison: Comparison<Inputs>): Promise<ComparisonResult> {
	const { label, ours, small, large, also = [], flops } = comparison;
	const expected = await outputOf(comparison.checkedBy ?? ours, small);
	const own = await ours(large);
	const contestants = [own];
	const entries: { name: string; difference?: number; failure?: string }[] = [
		{ name: own.name },
		...also.map(({ name }) => ({ name })),
	];
	for (const peer of bench.peers) {
		const make = comparison.peer(peer);
		if (!make) continue;
		const entry: (typeof entries)[number] = { name: peer.name };
		entries.push(entry);
		try {
			bench.progress(`${label}: checking ${peer.name}`);
			entry.difference = relativeDifference(await outputOf(make, small), expected);
			if (entry.difference > tolerance) throw new Error("its result is not ours");
			const contestant = await make(large);
			contestants.push(contestant);
			// Some fail at large sizes only; that must not end the timing of the others.
			await contestant.run();
		} catch (error) {
			if (contestants.at(-1)?.name === peer.name) contestants.pop()?.dispose?.();
			entry.failure = `failed: ${firstLine(error)}`;
		}
	}
	contestants.push(...also);
	const samples = await timeInTurns(contestants, { seconds: bench.seconds, onTurn: progressOf(bench, label) });
	for (const contestant of contestants) contestant.dispose?.();
	const measurements = entries.map(({ flops, ...entry }) => {
		const times = samples.get(entry.name);
		return times ? { ...entry, ...timeOf(times, flops) } : entry;
	});
	return { measurements, samples };
}

/** The columns of a table that tell times. */
export function timeOf(
	times: Times,
	flops?: number,
): { milliseconds: number; processorMilliseconds: number; gigaflops?: number } {
	const milliseconds = medianTime(times.wall);
	return {
		milliseconds,
		processorMilliseconds: medianTime(times.processor),
		...(flops !== undefined && { gigaflops: flops / milliseconds / 1e6 }),
	};
}

/** How many times as fast as `peer` the contestant `name` is; nothing if either was not timed. */
export function speedFigure(
	samples: ReadonlyMap<string, Times>,
	name: string,
	peer: string,
	meaning: string,
	target?: Target,
): Figure[] {
	const [own, other] = [samples.get(name), samples.get(peer)];
	return own && other ? [figure(meaning, timeRatio(other, own), target)] : [];
}

export function progressOf(bench: Bench, label: string): (name: string, round: number) => void {
	return (name, round) => bench.progress(`${label}: ${round === 0 ? "warming up" : `round ${round},`} ${name}`);
}

async function outputOf<Inputs>(make: Maker<Inputs>, inputs: Inputs): Promise<Float32Array> {
	const contestant = await make(inputs);
	try {
		if (!contestant.output) throw new Error(`${contestant.name} has no output to check`);
		return await contestant.output();
	} finally {
		contestant.dispose?.();
	}
}

/** The first line of an error; of a long one its two ends, which name the call and the cause. */
function firstLine(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	const line = text.trim().split("\n")[0] as string;
	return line.length > 100 ? `${line.slice(0, 30)} ... ${line.slice(-60)}` : line;
}

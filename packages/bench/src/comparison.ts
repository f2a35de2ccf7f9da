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

/** A contestant to be timed, or why there is none. */
interface Entry {
	readonly name: string;
	readonly contestant?: Contestant;
	readonly flops?: number | undefined;
	readonly difference?: number;
	readonly failure?: string;
}

/** Checks all peers that can do a task against our result on a small problem, then times all on a large one in turns. */
export async function compare<Inputs>(bench: Bench, comparison: Comparison<Inputs>): Promise<ComparisonResult> {
	const { label, ours, small, large, also = [], flops } = comparison;
	const expected = await outputOf(comparison.checkedBy ?? ours, small);
	const own = await ours(large);
	const entries: Entry[] = [
		{ name: own.name, contestant: own, flops },
		...also.map((contestant) => ({ name: contestant.name, contestant, flops: contestant.flops })),
	];
	for (const peer of bench.peers) {
		const make = comparison.peer(peer);
		if (!make) continue;
		bench.progress(`${label}: checking ${peer.name}`);
		entries.push({ name: peer.name, flops, ...(await enter(make, comparison, expected)) });
	}
	const contestants = entries.flatMap(({ contestant }) => contestant ?? []);
	const samples = await timeInTurns(contestants, { seconds: bench.seconds, onTurn: progressOf(bench, label) });
	for (const contestant of contestants) contestant.dispose?.();
	const measurements = entries.map(({ contestant, flops, ...row }) => {
		const times = samples.get(row.name);
		return times ? { ...row, ...timeOf(times, flops) } : row;
	});
	return { measurements, samples };
}

/** Checks a peer on the small problem and gives it the large one. */
async function enter<Inputs>(
	make: Maker<Inputs>,
	{ small, large }: Comparison<Inputs>,
	expected: Float32Array,
): Promise<Omit<Entry, "name">> {
	let difference: number | undefined;
	let contestant: Contestant | undefined;
	try {
		difference = relativeDifference(await outputOf(make, small), expected);
		if (difference > tolerance) throw new Error("its result is not ours");
		contestant = await make(large);
		// Some fail at large sizes only; that must not end the timing of the others.
		await contestant.run();
		return { contestant, difference };
	} catch (error) {
		contestant?.dispose?.();
		return { ...(difference !== undefined && { difference }), failure: `failed: ${firstLine(error)}` };
	}
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

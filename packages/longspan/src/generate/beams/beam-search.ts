import { OptionError } from "../../errors.js";
import type { DecodingRun } from "../decoding-run.js";
import type { GeneratedSequence } from "../generate-tokens.js";
import { type Beam, BeamEntry } from "./beam-entry.js";
import { drawCandidates } from "./draw-candidates.js";
import { logSoftmax } from "./log-softmax.js";
import { type Candidate, TopCandidates } from "./top-candidates.js";

/**
 * Beam search as transformers defines it: each step takes the best of all continuations of an entry's beams; a sequence that ends is
 * kept aside with its score, and its place goes to the next best. An entry that is done costs rows, but is not looked at any more.
 */
export async function beamSearch(run: DecodingRun): Promise<GeneratedSequence[][]> {
	const { prompts, limits, settings, idleToken } = run;
	const entries = prompts.map((prompt) => new BeamEntry(prompt, limits, settings));
	let scores = await run.scoresAfter(prompts);
	for (let width = 1; ; ) {
		entries.forEach((entry, at) => {
			if (!entry.done) entry.advance(candidatesOf(run, entry, at, scores.slice(at * width, (at + 1) * width)));
		});
		if (entries.every(({ done }) => done)) return entries.map(resultOf);
		const next = Math.max(...entries.map(({ done, beams }) => (done ? 0 : beams.length)));
		const places = entries.flatMap(({ done, beams }, at) =>
			Array.from({ length: next }, (_, place) => ({ beam: done ? undefined : beams[place], first: at * width })),
		);
		selectRows(
			run,
			places.map(({ beam, first }) => first + (beam?.from ?? 0)),
			entries.length * width,
		);
		width = next;
		scores = await run.scoresAfter(places.map(({ beam }) => [beam ? lastOf(beam) : idleToken]));
	}
}

function resultOf({ result }: BeamEntry, at: number): GeneratedSequence[] {
	if (result.length === 0)
		throw new OptionError(`generateTokens: no token can follow prompt ${at}; expected rules that leave one`);
	return result;
}

function candidatesOf(
	run: DecodingRun,
	entry: BeamEntry,
	at: number,
	rows: readonly Float32Array[],
): readonly Candidate[] {
	const { doSample, temperature } = run.settings;
	const scored = entry.beams.map(({ ids, sum }, beam) => {
		const logProbabilities = rows[beam] as Float32Array;
		logSoftmax("generateTokens", logProbabilities);
		run.applyRules(logProbabilities, ids, at);
		return { sum, logProbabilities };
	});
	if (doSample && temperature > 0) {
		const position = (entry.beams[0] as Beam).ids.length;
		return drawCandidates(scored, entry.candidateCount, position, run.settings);
	}
	const top = new TopCandidates(entry.candidateCount);
	scored.forEach(({ sum, logProbabilities }, beam) => {
		top.offer(beam, sum, logProbabilities);
	});
	return top.kept;
}

/** Selects rows, unless all go on as they are. */
function selectRows({ session }: DecodingRun, rows: readonly number[], count: number): void {
	if (rows.length !== count || rows.some((row, at) => row !== at)) session.select(rows);
}

function lastOf({ ids }: Beam): number {
	return ids.at(-1) as number;
}

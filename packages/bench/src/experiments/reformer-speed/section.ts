import type { Results, Section } from "../experiment.js";
import { listed, markdownTable, short, whole } from "../markdown.js";
import type { Timed } from "../timing.js";
import type { Settings } from "./index.js";

/** Times of a batch of sequences of one length. */
export interface Row {
	readonly length: number;
	/** Rounds of hashing; 0 for full attention. */
	readonly rounds: number;
	readonly forward: Timed;
	/** Forward and backward. */
	readonly both: Timed;
}

export function nameOf(rounds: number): string {
	return rounds === 0 ? "full" : `LSH-${rounds}`;
}

const claim = `Reformer (Kitaev et al. 2020, arXiv 2001.04451), figure 5, right: with as many tokens in each batch, the speed of LSH attention hardly changes as sequences get longer, while full attention becomes slower and slower. The paper gives
the figure alone, no numbers.`;

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const { tokens, heads, headDim, chunk, seconds } = settings;
	const lengths = [...new Set(rows.map(({ length }) => length))];
	const rounds = [...new Set(rows.map((row) => row.rounds))];
	const perToken = (length: number, round: number, pass: "forward" | "both") => {
		const row = rows.find((each) => each.length === length && each.rounds === round);
		return row ? (1000 * row[pass].milliseconds) / tokens : Number.NaN;
	};
	const table = (pass: "forward" | "both") =>
		markdownTable(
			["length", ...rounds.map(nameOf)],
			lengths.map((length) => [whole(length), ...rounds.map((round) => short(perToken(length, round, pass)))]),
		);
	return {
		title: "Reformer: time per token by length",
		claim,
		method: `Here: causal attention alone, ${heads} heads of ${headDim} channels, batches of ${whole(tokens)} tokens cut into sequences of each length; LSH attention with chunks of ${chunk} tokens and the chunk before visible, hashing and sorting included. The baseline is
this library's exact attention. Each was timed in turns with the others for ${seconds} s, or once where that takes longer.`,
		tables: [
			`Microseconds per token, forward:\n\n${table("forward")}`,
			`Microseconds per token, forward and backward:\n\n${table("both")}`,
		],
		findings: findings(lengths, rounds, (length, round) => perToken(length, round, "both")),
	};
}

function findings(
	lengths: readonly number[],
	rounds: readonly number[],
	perToken: (length: number, rounds: number) => number,
): string[] {
	const [first, last] = [lengths[0] as number, lengths.at(-1) as number];
	const growth = (round: number) => `${nameOf(round)} ${short(perToken(last, round) / perToken(first, round))}`;
	const hashed = rounds.filter((round) => round > 0);
	const overtakes = hashed.map((round) => {
		const length = lengths[lengths.findLastIndex((each) => perToken(each, round) >= perToken(each, 0)) + 1];
		return `${nameOf(round)} ${length === undefined ? "at none of them" : `from ${whole(length)} on`}`;
	});
	const ratios = hashed.map((round) => `${nameOf(round)} ${short(perToken(last, 0) / perToken(last, round))}`);
	return [
		`From length ${whole(first)} to ${whole(last)} a token takes, forward and backward, this many times as long: ${listed([0, ...hashed].map(growth))}.`,
		`Of the lengths measured, LSH attention is faster than full attention as follows: ${listed(overtakes)}.`,
		`At ${whole(last)} it is this many times as fast: ${listed(ratios)}.`,
	];
}

import type { Results, Section } from "../experiment.js";
import { bytesText, markdownTable, short, whole } from "../markdown.js";
import type { Settings } from "./index.js";

/** Times of one token at a position. */
export interface Row {
	readonly position: number;
	readonly recomputed: { readonly milliseconds: number; readonly calls: number };
	readonly cache: { readonly milliseconds: number; readonly bytes: number };
	readonly linear: { readonly milliseconds: number; readonly bytes: number };
}

const claimed = 1000;

const claim = `Katharopoulos et al. 2020 (Linear Transformer, arXiv 2006.16236) generate images with causal linear attention, whose state has a fixed size, up to 4,000 times faster than with
softmax attention. Their baseline computes the whole sequence again for every pixel; beside a cache of keys and values, which their appendix calls stateful softmax, the factor is smaller:

| published | recomputed | with a cache | linear | × recomputed | × cache |
|---|---:|---:|---:|---:|---:|
| MNIST, 784 positions, images/s on a GPU, in batches | 0.45 | 7.56 | 142.8 | 317 | 19 |
| CIFAR-10, 3,072 positions, images/s on a GPU, in batches | 0.004 | 0.32 | 17.85 | 4,462 | 56 |
| MNIST, one image, seconds on a CPU | 72.6 | 7.4 | 5.5 | 13 | 1.3 |
| CIFAR-10, one image, seconds on a CPU | 8,651 | 71.9 | 45.1 | 192 | 1.6 |`;

/** The first row at which `holds` is true, and stays so. */
function fromThereOn(rows: readonly Row[], holds: (row: Row) => boolean): Row | undefined {
	return rows[rows.findLastIndex((row) => !holds(row)) + 1];
}

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const { layers, heads, headDim, seconds } = settings;
	const overRecomputed = (row: Row) => row.recomputed.milliseconds / row.linear.milliseconds;
	const overCache = (row: Row) => row.cache.milliseconds / row.linear.milliseconds;
	const table = markdownTable(
		[
			"position",
			"recomputed, tokens/s",
			"cache, tokens/s",
			"linear, tokens/s",
			"linear × recomputed",
			"linear × cache",
			"bytes of the cache",
			"bytes of the state",
		],
		rows.map((row) => [
			whole(row.position),
			...[row.recomputed, row.cache, row.linear].map(({ milliseconds }) => short(1000 / milliseconds)),
			short(overRecomputed(row)),
			short(overCache(row)),
			bytesText(row.cache.bytes),
			bytesText(row.linear.bytes),
		]),
	);
	return {
		title: "Linear Transformer: generation",
		claim,
		method: `Here: a model of ${layers} layers with ${heads} heads of ${headDim} channels and a feed-forward part four times as wide, batch 1, random weights; a token is chosen from the scores each time. "Recomputed" is one pass over all tokens before,
by the same softmax kernels, scores for the last one only; "cache" and "linear" go on from a prompt of that length. Each was timed in turns with the others for ${seconds} s, or once where a token takes longer.`,
		tables: [table],
		findings: findings(rows, overRecomputed, overCache),
	};
}

function findings(
	rows: readonly Row[],
	overRecomputed: (row: Row) => number,
	overCache: (row: Row) => number,
): string[] {
	const [first, last] = [rows[0], rows.at(-1)];
	if (!first || !last) return [];
	const reached = fromThereOn(rows, (row) => overRecomputed(row) >= claimed);
	const ahead = fromThereOn(rows, (row) => overCache(row) > 1);
	return [
		reached
			? `The state is at least ${whole(claimed)} times as fast as recomputing from position ${whole(reached.position)} on: ${short(overRecomputed(reached))} times there, but only ${short(overCache(reached))} times as fast as the cache.`
			: `The state does not become ${whole(claimed)} times as fast as recomputing up to position ${whole(last.position)}, where the factor is ${short(overRecomputed(last))}.`,
		ahead
			? `Beside a cache, the honest baseline, the state is ahead from position ${whole(ahead.position)} on, and ${short(overCache(last))} times as fast at ${whole(last.position)}.`
			: `A cache is as fast or faster at ${whole(last.position)}: the state has ${short(overCache(last))} times its speed there.`,
		`The state's speed at ${whole(last.position)} is ${short(first.linear.milliseconds / last.linear.milliseconds)} of that at ${whole(first.position)}, its memory ${short(last.linear.bytes / first.linear.bytes)} times as large; the cache has ${short(first.cache.milliseconds / last.cache.milliseconds)} of its speed and ${short(last.cache.bytes / first.cache.bytes)} times the memory.`,
	];
}

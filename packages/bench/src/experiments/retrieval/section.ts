import type { Results, Section } from "../experiment.js";
import { listed, markdownTable, short, whole } from "../markdown.js";
import type { Settings } from "./index.js";

export const patterns = ["window", "window + global", "window + random"] as const;
export type Pattern = (typeof patterns)[number];

/** A model trained with one pattern. */
export interface Row {
	readonly pattern: Pattern;
	/** Right answers in percent of those asked at distances above the band before, up to `to`. */
	readonly bands: readonly { readonly to: number; readonly percent: number }[];
	/** Of those asked from farther than the windows of all layers reach. */
	readonly beyondPercent: number;
	readonly secondsPerStep: number;
}

/** Share of right answers, in percent, from which on the task counts as solved. */
const solved = 90;

const claim = `Longformer (Beltagy et al. 2020, arXiv 2004.05150) and BigBird (Zaheer et al. 2020, arXiv 2007.14062) add to a window of keys a few global tokens, or random blocks, without which what is far away cannot be reached. Without global attention and its projections, Longformer's accuracy on WikiHop falls
from 73.8 to 65.5.`;

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const {
		length,
		startLength,
		startSteps,
		steps,
		layers,
		dim,
		heads,
		window,
		randomBlocks,
		keys,
		values,
		passage,
		evaluated,
	} = settings;
	const bands = rows[0]?.bands.map(({ to }) => to) ?? [];
	const table = markdownTable(
		[
			"attention",
			...bands.map((to, at) => `${whole(at === 0 ? 1 : (bands[at - 1] as number) + 1)} to ${whole(to)}`),
			"s per step",
		],
		rows.map((row) => [row.pattern, ...row.bands.map(({ percent }) => percent.toFixed(1)), short(row.secondsPerStep)]),
	);
	return {
		title: "Longformer and BigBird: what a window alone cannot reach",
		claim,
		method: `Here: key–value retrieval in ${whole(length)} tokens. A passage of ${passage} tokens somewhere gives each of ${keys} keys one of ${values} values; all other tokens are keys alone, and each is to be answered with its value (chance: ${(100 / values).toFixed(1)} %). All models have ${layers} layers, ${dim} wide, ${heads} heads, no
positions, and the same training: ${whole(startSteps)} steps at length ${whole(startLength)}${length > startLength ? `, then ${whole(steps)} at each doubled length` : ""}, ${whole(length)} tokens a step. The baseline, a window of ±${window}, reaches ${whole(layers * window)} tokens in ${layers} layers. Global tokens are the ${keys} first; random blocks are ${randomBlocks} of ${window} tokens
for each block and head, others in each layer. Evaluated on ${whole(evaluated)} new sequences.`,
		tables: [`Right answers, in percent, by the distance of the key from the passage:\n\n${table}`],
		findings: findings(rows, layers * window, values),
	};
}

function findings(rows: readonly Row[], reach: number, values: number): string[] {
	const [alone, ...others] = rows;
	if (!alone) return [];
	const text = ({ pattern, beyondPercent }: Row) => `${pattern} ${beyondPercent.toFixed(1)} %`;
	const solving = others.filter(({ beyondPercent }) => beyondPercent >= solved);
	const failing = others.filter(({ beyondPercent }) => beyondPercent < solved);
	const found = [
		`Farther than the ${whole(reach)} tokens it reaches, a window alone is right for ${alone.beyondPercent.toFixed(1)} % (chance: ${(100 / values).toFixed(1)} %).`,
	];
	if (solving.length > 0)
		found.push(`Solved there at the same depth, with at least ${solved} %: ${listed(solving.map(text))}.`);
	if (failing.length > 0) found.push(`Not solved there: ${listed(failing.map(text))}.`);
	return found;
}

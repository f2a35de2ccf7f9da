import type { Results, Section } from "../experiment.js";
import { bytesText, listed, markdownTable, short, whole } from "../markdown.js";
import type { Settings } from "./index.js";

export const forms = ["stored", "checkpointed", "reversible", "reversible + chunked"] as const;
/** What is kept of the forward pass. */
export type Form = (typeof forms)[number];

/** Steps of a model of some depth. */
export interface Row {
	readonly attention: string;
	readonly form: Form;
	readonly depth: number;
	/** At the peak, beside weights, gradients and the state of the optimiser. */
	readonly activationBytes: number;
	readonly weightBytes: number;
	readonly secondsPerStep: number;
}

/** The most that memory may grow between these depths, where nothing depends on the depth. */
const target = { from: 4, to: 32, factor: 1.15 };

const claim = `Reformer (Kitaev et al. 2020, arXiv 2001.04451), table 3: reversible layers take the number of layers out of the memory of activations, and feed-forward layers computed in chunks take out their inner width. The paper
gives formulas, no measured bytes.`;

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const { length, dim, heads, chunk, vocabulary } = settings;
	const attentions = [...new Set(rows.map(({ attention }) => attention))];
	const depths = [...new Set(rows.map(({ depth }) => depth))];
	const rowOf = (attention: string, form: Form, depth: number) =>
		rows.find((row) => row.attention === attention && row.form === form && row.depth === depth);
	const table = (attention: string, cell: (row: Row) => string) =>
		markdownTable(
			["layers", ...forms],
			depths.map((depth) => [
				String(depth),
				...forms.map((form) => {
					const row = rowOf(attention, form, depth);
					return row ? cell(row) : "";
				}),
			]),
		);
	return {
		title: "Reformer: memory of a training step by depth",
		claim,
		method: `Here: a byte model, ${dim} wide with ${heads} heads, one sequence of ${whole(length)} tokens, ${whole(vocabulary)} token ids, a step of AdamW. Memory is the peak of the step on the device less weights, gradients (as large as the weights) and the state of the
optimiser. The baseline stores every activation; "checkpointed" keeps the input of each block; "chunked" computes feed-forward layers for ${whole(chunk)} positions at once. The loss is computed in pieces in all of them.`,
		tables: attentions.flatMap((attention) => [
			`Activations, ${attention}:\n\n${table(attention, ({ activationBytes }) => bytesText(activationBytes))}`,
			`Seconds per step, ${attention}:\n\n${table(attention, ({ secondsPerStep }) => short(secondsPerStep))}`,
		]),
		findings: attentions.flatMap((attention) =>
			findings(attention, depths, (form, depth) => rowOf(attention, form, depth)),
		),
	};
}

function findings(
	attention: string,
	depths: readonly number[],
	rowOf: (form: Form, depth: number) => Row | undefined,
): string[] {
	const found: string[] = [];
	const growth = (form: Form, from: number, to: number) =>
		(rowOf(form, to)?.activationBytes ?? Number.NaN) / (rowOf(form, from)?.activationBytes ?? Number.NaN);
	const aimed = growth("reversible + chunked", target.from, target.to);
	if (!Number.isNaN(aimed))
		found.push(
			`${attention}: from ${target.from} to ${target.to} layers reversible activations with chunks grow by a factor of ${aimed.toFixed(2)}: the target of at most ${target.factor} is ${aimed <= target.factor ? "reached" : "missed"}.`,
		);
	const [first, last] = [depths[0] as number, depths.at(-1) as number];
	const deepest = (form: Form) => rowOf(form, last) as Row;
	if (forms.every((form) => rowOf(form, first) && rowOf(form, last))) {
		const stored = deepest("stored");
		const others = forms.slice(1).map((form) => ({ form, row: deepest(form) }));
		found.push(
			`${attention}: from ${first} to ${last} layers stored activations grow by a factor of ${short(growth("stored", first, last))}, checkpointed ones by ${short(growth("checkpointed", first, last))}.`,
			`${attention}, ${last} layers: ${listed(others.map(({ form, row }) => `${form} takes ${short((100 * row.activationBytes) / stored.activationBytes)} % of the memory and ${short(row.secondsPerStep / stored.secondsPerStep)} times the time of stored`))}.`,
		);
	}
	return found;
}

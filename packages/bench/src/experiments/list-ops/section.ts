import type { Results, Section } from "../experiment.js";
import { listed, markdownTable, short, whole } from "../markdown.js";
import type { Settings } from "./index.js";
import { mechanisms } from "./mechanisms.js";

/** A mechanism, trained and evaluated. */
export interface Row {
	readonly name: string;
	readonly description: string;
	readonly causal: boolean;
	/** Right values of new expressions. */
	readonly percent: number;
	/** Share of the most frequent value among them. */
	readonly mostFrequentPercent: number;
	/** Mean of the last tenth of the steps, in nats. */
	readonly loss: number;
	readonly secondsPerStep: number;
}

const claim = `Long Range Arena (Tay et al. 2020, arXiv 2011.04006): expressions such as [MAX 2 9 [MIN 4 7 ] 0 ] (Nangia & Bowman 2018, arXiv 1804.06028) of 500 to 2,000 tokens are classified by their value, a digit. Published accuracies are in the table; of models that this library does not have,
Sinkhorn Transformer reached 33.67 % and Synthesizer 36.99 %. The paper's models train for thousands of steps and are far larger than those here.`;

export function section({ settings, rows }: Results<Settings, Row>): Section {
	const { steps, batch, layers, dim, heads, minLength, maxLength, evaluated } = settings;
	const exact = rows.find(({ name }) => name === mechanisms[0]?.name);
	const table = markdownTable(
		["attention", "accuracy, %", "published, %", "loss", "steps per second", "× full", "options"],
		rows.map(({ name, description, causal, percent, loss, secondsPerStep }) => {
			const published = mechanisms.find((mechanism) => mechanism.name === name)?.published;
			return [
				name,
				percent.toFixed(1),
				published ? `${published.percent} (${published.model})` : "",
				loss.toFixed(3),
				short(1 / secondsPerStep),
				exact ? short(exact.secondsPerStep / secondsPerStep) : "",
				causal && !description.includes("causal") ? `${description}, causal` : description,
			];
		}),
	);
	return {
		title: "Long Range Arena: ListOps",
		claim,
		method: `Here: expressions of ${whole(minLength)} to ${whole(maxLength)} tokens from the published grammar, by our own generator; encoders of ${layers} layers, ${dim} wide, ${heads} heads, learned positions, the mean of the hidden states; ${whole(steps)} steps of ${batch} padded expressions, the same for all,
and ${whole(evaluated)} new ones in evaluation. Mechanisms without a form to both sides are causal. The baselines are exact attention, and always answering the most frequent value. Mechanisms were trained one after the other, not in turns.`,
		tables: [table],
		findings: findings(rows, exact, steps),
	};
}

function findings(rows: readonly Row[], exact: Row | undefined, steps: number): string[] {
	const [first] = rows;
	if (!first) return [];
	const best = rows.reduce((a, b) => (b.percent > a.percent ? b : a));
	const frequent = first.mostFrequentPercent;
	const above = rows.filter(({ percent }) => percent > frequent + 2);
	const found = [
		`The most frequent value is right for ${frequent.toFixed(1)} %; after ${whole(steps)} steps ${above.length === 0 ? "no mechanism is" : `${above.length} of ${rows.length} mechanisms are`} more than 2 points above that, the best of them all ${best.name} with ${best.percent.toFixed(1)} %.`,
	];
	if (exact) {
		const faster = rows.filter((row) => row !== exact).sort((a, b) => a.secondsPerStep - b.secondsPerStep);
		const ahead = faster.filter((row) => row.secondsPerStep < exact.secondsPerStep);
		if (ahead.length > 0)
			found.push(
				`${ahead.length} of ${faster.length} train faster than exact attention, the fastest ${listed(ahead.slice(0, 3).map((row) => `${row.name} (${short(exact.secondsPerStep / row.secondsPerStep)} times)`))}.`,
			);
		const slower = faster.filter((row) => row.secondsPerStep >= exact.secondsPerStep);
		if (slower.length > 0) found.push(`Not faster at these lengths: ${listed(slower.map(({ name }) => name))}.`);
	}
	return found;
}

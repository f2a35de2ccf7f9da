import { UsageError } from "../errors.js";
import { textTable } from "../output/text-table.js";
import { parseInteger } from "../parse-number.js";
import { type DocumentTask, documentTask, type TaskVerb } from "./document-task.js";
import { formatScore } from "./format-score.js";

interface RawClassifyOptions {
	labels?: string;
	hypothesisTemplate?: string;
	multiLabel: boolean;
	topK: string;
}

/** The verb `classify`. */
export const classify: TaskVerb<RawClassifyOptions> = {
	name: "classify",
	summary: "classes of documents by a pretrained model",
	description:
		"Says of which class each document is: of those the model was trained for, or, with --labels and a model of natural language inference, of any.",
	addOptions: (command) =>
		command
			.option("--labels <list>", "classes to choose from, with commas between them (zero-shot classification)")
			.option(
				"--hypothesis-template <text>",
				"what a label of --labels makes of a sentence, {} standing for it; default: This example is {}.",
			)
			.option("--multi-label", "several of --labels may hold: each has a probability of its own", false)
			.option("--top-k <count>", "how many classes to tell, the likeliest first", "5"),
	parse(raw) {
		const topK = parseInteger("--top-k", raw.topK, 1);
		if (raw.labels !== undefined) return zeroShot(raw.labels, topK, raw);
		for (const [option, given] of [
			["--hypothesis-template", raw.hypothesisTemplate !== undefined],
			["--multi-label", raw.multiLabel],
		] as const)
			if (given) throw new UsageError(`${option}: it is for classes of one's own; expected --labels, too`);
		return documentTask("text-classification", { top_k: topK }, async (pipeline, { text }, reading) => {
			const found = await pipeline(text, { ...reading, top_k: topK });
			const classes = found.map(({ label, score }) => ({ label, score }));
			// With `top_k: 1`, the class has what is the list's otherwise.
			return { result: classes, overflow: found.overflow ?? found[0]?.overflow, text: classTable(classes) };
		});
	},
};

function zeroShot(labels: string, topK: number, { hypothesisTemplate, multiLabel }: RawClassifyOptions): DocumentTask {
	const candidates = labels.split(",").map((label) => label.trim());
	if (candidates.includes(""))
		throw new UsageError(`--labels: "${labels}" has an empty class; expected one after each comma`);
	const options = {
		...(hypothesisTemplate !== undefined && { hypothesis_template: hypothesisTemplate }),
		multi_label: multiLabel,
	};
	const all = { labels: candidates, top_k: topK, ...options };
	return documentTask("zero-shot-classification", all, async (pipeline, { text }, reading) => {
		const found = await pipeline(text, candidates, { ...reading, ...options });
		const classes = found.labels
			.map((label, index) => ({ label, score: found.scores[index] as number }))
			.slice(0, topK);
		return { result: classes, overflow: found.overflow, text: classTable(classes) };
	});
}

function classTable(classes: readonly { label: string; score: number }[]): string {
	const columns = [
		{ title: "class", align: "left" },
		{ title: "score", align: "right" },
	] as const;
	return `${textTable({ columns, lines: classes.map(({ label, score }) => [label, formatScore(score)]) })}\n`;
}

import { checkOptions } from "../ops/operands.js";
import type { LogitsOutputs } from "../pretrained/tasks.js";
import { readDocument } from "./document.js";
import { type ResultList, type WithOverflow, withOverflow } from "./overflow.js";
import { highest, independentProbabilitiesOf, probabilitiesOf, WeightedMean } from "./probabilities.js";
import {
	type PipelineContext,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";
import { runWindows } from "./run-windows.js";
import { topKOf } from "./top-k.js";

export interface TextClassificationOptions extends ReadingOptions {
	/** How many classes are returned, the likeliest first; null for all. Default: 1. */
	top_k?: number | null | undefined;
}

export interface TextClassificationSingle extends WithOverflow {
	label: string;
	/** Probability of the class: of one of all, or, if `problem_type` says that several may hold, of this alone. */
	score: number;
}

/** For a text: its classes. For a list of texts: the class of each with `top_k: 1`, else the classes of each. */
export interface TextClassification {
	(text: string, options?: TextClassificationOptions): Promise<ResultList<TextClassificationSingle>>;
	(
		texts: readonly string[],
		options?: TextClassificationOptions,
	): Promise<TextClassificationSingle[] | ResultList<TextClassificationSingle>[]>;
}

/** How scores of classes become what is returned, by `problem_type`. */
function outcome({ config, labels }: PipelineContext["model"]): (scores: ArrayLike<number>) => Float64Array {
	if (config.problem_type === "regression") return (scores) => Float64Array.from(scores);
	const independent = config.problem_type === "multi_label_classification" || labels.length === 1;
	return independent ? independentProbabilitiesOf : probabilitiesOf;
}

/**
 * Classifies texts. Of a text in windows, the probabilities are the mean of those of its windows, weighted by the tokens each owns.
 * Global attention: the first token.
 */
export async function classifyTexts(
	context: PipelineContext<"sequence-classification">,
	texts: string | readonly string[],
	options: TextClassificationOptions = {},
): Promise<TextClassificationSingle[] | ResultList<TextClassificationSingle>[]> {
	const { name, model } = context;
	checkOptions(name, options, { ...readingOptionNames, top_k: true });
	const { top_k: topK = 1 } = options;
	const count = topKOf(name, topK);
	const list = textsOf(name, "the text", texts);
	const reading = readingOf(context, options, "first");
	const documents = list.map((text, index) =>
		readDocument(reading, text, { called: textName("text", index, list.length) }),
	);
	const means = documents.map(() => new WeightedMean(model.labels.length));
	const toScores = outcome(model);
	await runWindows(
		reading,
		documents,
		(inputs) => [(model.forward(inputs) as LogitsOutputs).logits],
		({ document, window }, [logits]) =>
			(means[document] as WeightedMean).add(
				toScores(logits as Float32Array),
				Math.max(1, window.ownEnd - window.ownBegin),
			),
	);
	const results = documents.map(({ overflow }, document) => {
		const scores = (means[document] as WeightedMean).value;
		const classes = highest(scores, count).map((label) => ({
			label: model.labels[label] as string,
			score: scores[label] as number,
		}));
		return { classes, overflow };
	});
	if (topK === 1)
		return results.map(({ classes, overflow }) => withOverflow(classes[0] as TextClassificationSingle, overflow));
	const lists = results.map(({ classes, overflow }) => withOverflow(classes as TextClassificationSingle[], overflow));
	return Array.isArray(texts) ? lists : (lists[0] as ResultList<TextClassificationSingle>);
}

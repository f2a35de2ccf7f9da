import { OptionError } from "../errors.js";
import { checkFlag, checkOptions, describe } from "../ops/operands.js";
import type { LogitsOutputs } from "../pretrained/tasks.js";
import { readDocument } from "./document.js";
import { type WithOverflow, withOverflow } from "./overflow.js";
import { highest, probabilitiesOf, WeightedMean } from "./probabilities.js";
import {
	type PipelineContext,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";
import { runWindows } from "./run-windows.js";
import { sliceEncoding } from "./slice-encoding.js";
import type { TextWindow } from "./windows.js";

export interface ZeroShotClassificationOptions extends ReadingOptions {
	/** What a label makes of the hypothesis; {} stands for the label. Default: "This example is {}." */
	hypothesis_template?: string | undefined;
	/** Whether several labels may hold: each then has a probability of its own. Default: false, probabilities sum to 1. */
	multi_label?: boolean | undefined;
}

export interface ZeroShotClassificationOutput extends WithOverflow {
	sequence: string;
	/** The likeliest first. */
	labels: string[];
	/** Probabilities, by label. */
	scores: number[];
}

export interface ZeroShotClassification {
	(
		text: string,
		candidateLabels: string | readonly string[],
		options?: ZeroShotClassificationOptions,
	): Promise<ZeroShotClassificationOutput>;
	(
		texts: readonly string[],
		candidateLabels: string | readonly string[],
		options?: ZeroShotClassificationOptions,
	): Promise<ZeroShotClassificationOutput[]>;
}

/**
 * Classifies texts by labels chosen at the call, by a model of natural language inference: how well does "This example is LABEL."
 * follow from the text (Yin et al. 2019, arXiv 1909.00161)? Of a text in windows, the probabilities are the mean of those of its
 * windows, weighted by the tokens each owns. Global attention: the first token.
 *
 * @param candidateLabels a list, or one string with commas between them
 */
export async function classifyZeroShot(
	context: PipelineContext<"sequence-classification">,
	texts: string | readonly string[],
	candidateLabels: string | readonly string[],
	options: ZeroShotClassificationOptions = {},
): Promise<ZeroShotClassificationOutput | ZeroShotClassificationOutput[]> {
	const { name, model, tokenizer } = context;
	checkOptions(name, options, { ...readingOptionNames, hypothesis_template: true, multi_label: true });
	const { hypothesis_template: template = "This example is {}.", multi_label: multiLabel = false } = options;
	if (typeof template !== "string" || !template.includes("{}"))
		throw new OptionError(`${name}: hypothesis_template is ${describe(template)}; expected a string with {} in it`);
	checkFlag(name, "multi_label", multiLabel);
	const labels = candidatesOf(name, candidateLabels);
	const { entailment, contradiction } = inferenceLabels(name, model.labels);
	const list = textsOf(name, "the text", texts);
	const reading = readingOf(context, options, "first");
	const hypotheses = labels.map((label) =>
		tokenizer.encode(
			template.replace("{}", () => label),
			{ addSpecialTokens: false },
		),
	);
	// Windows are the same for all hypotheses: the longest decides.
	const longest = hypotheses.reduce((most, each) => (each.ids.length > most.ids.length ? each : most));
	const divided = list.map((text, index) =>
		readDocument(reading, text, { called: textName("text", index, list.length), after: longest }),
	);
	const documents = divided.flatMap((document) =>
		hypotheses.map((hypothesis) => ({
			...document,
			around: document.around - longest.ids.length + hypothesis.ids.length,
			inputOf: ({ begin, end }: TextWindow) =>
				tokenizer.withSpecialTokens(sliceEncoding(document.content, begin, end), hypothesis),
		})),
	);
	// By text and window: the scores of entailment and contradiction, by label.
	const scores = divided.map(
		({ windows }) =>
			new Map(windows.map((window) => [window, { yes: labels.map(() => 0), no: labels.map(() => 0) }] as const)),
	);
	await runWindows(
		reading,
		documents,
		(inputs) => [(model.forward(inputs) as LogitsOutputs).logits],
		({ document, window }, [logits]) => {
			const label = document % labels.length;
			const own = scores[Math.floor(document / labels.length)]?.get(window);
			if (!own || !logits) return;
			own.yes[label] = logits[entailment] as number;
			own.no[label] = logits[contradiction] as number;
		},
	);
	const results = divided.map(({ overflow }, index) => {
		const mean = new WeightedMean(labels.length);
		for (const [{ ownBegin, ownEnd }, { yes, no }] of scores[index] as Map<TextWindow, InferenceScores>)
			mean.add(
				multiLabel || labels.length === 1
					? yes.map((score, label) => probabilitiesOf([no[label] as number, score])[1] as number)
					: probabilitiesOf(yes),
				Math.max(1, ownEnd - ownBegin),
			);
		const order = highest(mean.value, labels.length);
		const result = {
			sequence: list[index] as string,
			labels: order.map((label) => labels[label] as string),
			scores: order.map((label) => mean.value[label] as number),
		};
		return withOverflow(result, overflow);
	});
	return Array.isArray(texts) ? results : (results[0] as ZeroShotClassificationOutput);
}

/** Scores of one window, by label. */
interface InferenceScores {
	/** That the hypothesis follows. */
	readonly yes: number[];
	/** That it is contradicted. */
	readonly no: number[];
}

function candidatesOf(name: string, given: string | readonly string[]): readonly string[] {
	const labels = typeof given === "string" ? given.split(",").map((label) => label.trim()) : given;
	if (!Array.isArray(labels) || labels.length === 0 || !labels.every((label) => typeof label === "string" && label))
		throw new OptionError(
			`${name}: candidate_labels is ${Array.isArray(given) && given.length === 0 ? "empty" : describe(given)}; ` +
				"expected at least one label, as an array of strings that are not empty or with commas between them",
		);
	return labels;
}

/** Which classes of a model mean that a hypothesis follows from a text, and that it does not. */
function inferenceLabels(name: string, labels: readonly string[]): { entailment: number; contradiction: number } {
	const find = (...begins: string[]) =>
		labels.findIndex((label) => begins.some((begin) => label.toLowerCase().startsWith(begin)));
	const entailment = find("entail");
	const contradiction = find("contradict", "not_entail");
	if (entailment < 0 || contradiction < 0)
		throw new OptionError(
			`${name}: the classes of the model are ${labels.join(", ")}; expected a model of natural language inference, ` +
				"with classes called entailment and contradiction (or not_entailment)",
		);
	return { entailment, contradiction };
}

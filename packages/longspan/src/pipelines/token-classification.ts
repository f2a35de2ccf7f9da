import { checkChoice, checkList, checkOptions } from "../ops/operands.js";
import type { LogitsOutputs } from "../pretrained/tasks.js";
import { type ClassifiedToken, groupEntities } from "./aggregate.js";
import { readDocument } from "./document.js";
import { isText } from "./is-text.js";
import { type ResultList, withOverflow } from "./overflow.js";
import { highest, probabilitiesOf } from "./probabilities.js";
import {
	type PipelineContext,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";
import { runWindows } from "./run-windows.js";
import type { TextWindow } from "./windows.js";

export interface TokenClassificationOptions extends ReadingOptions {
	/** Classes that are left out. Default: ["O"]. */
	ignore_labels?: readonly string[] | undefined;
	/**
	 * "none" returns tokens; "simple" joins neighbouring tokens of a class into entities: labels B-X and I-X are of class X, and B-X
	 * begins a new entity. Default: "none".
	 */
	aggregation_strategy?: "none" | "simple" | undefined;
}

export interface TokenClassificationSingle {
	entity: string;
	/** Probability of the class. */
	score: number;
	/** Which token of the input it is, special tokens counted. */
	index: number;
	word: string;
	/** Where it is in the text, in UTF-16 units as strings count. */
	start: number;
	/** The unit after its last. */
	end: number;
}

/** Neighbouring tokens of a class. */
export interface TokenClassificationGroup {
	entity_group: string;
	/** Mean of the probabilities of the class of its tokens. */
	score: number;
	word: string;
	start: number;
	end: number;
}

export interface TokenClassification {
	(
		text: string,
		options: TokenClassificationOptions & { aggregation_strategy: "simple" },
	): Promise<ResultList<TokenClassificationGroup>>;
	(
		texts: readonly string[],
		options: TokenClassificationOptions & { aggregation_strategy: "simple" },
	): Promise<ResultList<TokenClassificationGroup>[]>;
	(
		text: string,
		options?: TokenClassificationOptions & { aggregation_strategy?: "none" | undefined },
	): Promise<ResultList<TokenClassificationSingle>>;
	(
		texts: readonly string[],
		options?: TokenClassificationOptions & { aggregation_strategy?: "none" | undefined },
	): Promise<ResultList<TokenClassificationSingle>[]>;
}

type Result = ResultList<TokenClassificationSingle> | ResultList<TokenClassificationGroup>;

/**
 * Classifies the tokens of texts, such as the names in them. Of a text in windows, each token is classified by the window in which it
 * is most central. Global attention: none.
 */
export async function classifyTokens(
	context: PipelineContext<"token-classification">,
	texts: string | readonly string[],
	options: TokenClassificationOptions = {},
): Promise<Result | Result[]> {
	const { name, model, tokenizer } = context;
	checkOptions(name, options, { ...readingOptionNames, ignore_labels: true, aggregation_strategy: true });
	const { ignore_labels: ignored = ["O"], aggregation_strategy: strategy = "none" } = options;
	checkList(name, "ignore_labels", ignored, "labels");
	checkChoice(name, "aggregation_strategy", strategy, ["none", "simple"]);
	const list = textsOf(name, "the text", texts);
	const reading = readingOf(context, options, "none");
	const documents = list.map((text, index) =>
		readDocument(reading, text, { called: textName("text", index, list.length) }),
	);
	const classes = documents.map(({ content }) => new Int32Array(content.ids.length));
	const scores = documents.map(({ content }) => new Float64Array(content.ids.length));
	const before = documents.map(() => 0);
	const width = model.labels.length;
	await runWindows(
		reading,
		documents,
		(inputs) => [(model.forward(inputs) as LogitsOutputs).logits],
		({ document, window, textAt }, [logits]) => {
			before[document] = textAt;
			for (let token = window.ownBegin; token < window.ownEnd; token++) {
				const at = (textAt + token - window.begin) * width;
				const probabilities = probabilitiesOf((logits as Float32Array).subarray(at, at + width));
				const [label] = highest(probabilities, 1) as [number];
				(classes[document] as Int32Array)[token] = label;
				(scores[document] as Float64Array)[token] = probabilities[label] as number;
			}
		},
	);
	// What the vocabulary does not have is shown as it stands in the text.
	const wordOf = (text: string, ids: readonly number[], { start, end }: Pick<ClassifiedToken, "start" | "end">) =>
		ids.some((id) => id === tokenizer.special.unk?.id) ? text.slice(start, end) : tokenizer.decode(ids);
	const results = documents.map(({ content, overflow, windows }, document) => {
		const text = list[document] as string;
		const tokens: ClassifiedToken[] = [];
		for (let token = 0; token < (windows.at(-1) as TextWindow).end; token++) {
			const id = content.ids[token] as number;
			const entity = model.labels[(classes[document] as Int32Array)[token] as number] as string;
			if (!isText(tokenizer, id) || (strategy === "none" && ignored.includes(entity))) continue;
			const [start, end] = content.offsets[token] as readonly [number, number];
			const score = (scores[document] as Float64Array)[token] as number;
			tokens.push({ entity, score, index: (before[document] as number) + token, id, start, end });
		}
		const found: Result =
			strategy === "none"
				? tokens.map(({ id, ...token }) => ({ ...token, word: wordOf(text, [id], token) }))
				: groupEntities(tokens)
						.filter(({ group }) => !ignored.includes(group))
						.map(({ group, ids, ...entity }) => ({ entity_group: group, ...entity, word: wordOf(text, ids, entity) }));
		return withOverflow(found, overflow);
	});
	return Array.isArray(texts) ? results : (results[0] as Result);
}

import { OptionError } from "../errors.js";
import { checkNumber, checkOptions } from "../ops/operands.js";
import type { SpanOutputs } from "../pretrained/tasks.js";
import { readDocument } from "./document.js";
import { isText } from "./is-text.js";
import { type WithOverflow, withOverflow } from "./overflow.js";
import {
	type PipelineContext,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";
import { runWindows } from "./run-windows.js";
import { SpanSearch } from "./spans.js";

export interface QuestionAnsweringOptions extends ReadingOptions {
	/** How many answers are returned, the likeliest first. Default: 1. */
	top_k?: number | undefined;
	/** Most tokens of an answer. Default: 15. */
	max_answer_len?: number | undefined;
}

export interface QuestionAnsweringOutput extends WithOverflow {
	answer: string;
	/** Probability of its begin times that of its end, among all tokens of the context. */
	score: number;
	/** Where it is in the context, in UTF-16 units as strings count. */
	start: number;
	/** The unit after its last. */
	end: number;
}

/** For a question: the answer with `top_k: 1`, else a list. For a list of questions or contexts: that of each. */
export interface QuestionAnswering {
	(
		question: string,
		context: string,
		options?: QuestionAnsweringOptions & { top_k?: 1 | undefined },
	): Promise<QuestionAnsweringOutput>;
	(
		question: string,
		context: string,
		options: QuestionAnsweringOptions,
	): Promise<QuestionAnsweringOutput | QuestionAnsweringOutput[]>;
	(
		questions: string | readonly string[],
		contexts: string | readonly string[],
		options?: QuestionAnsweringOptions,
	): Promise<QuestionAnsweringOutput[] | QuestionAnsweringOutput[][]>;
}

/**
 * Finds the answers to questions in contexts. Of a context in windows, all spans are compared with each other: probabilities are over
 * the tokens of the whole context, each as scored by the window in which it is most central. Global attention: all tokens up to the
 * end of the question.
 *
 * @param questions one for each context, or one for all
 * @param contexts one for each question, or one for all
 */
export async function answerQuestions(
	context: PipelineContext<"question-answering">,
	questions: string | readonly string[],
	contexts: string | readonly string[],
	options: QuestionAnsweringOptions = {},
): Promise<QuestionAnsweringOutput | QuestionAnsweringOutput[] | QuestionAnsweringOutput[][]> {
	const { name, model, tokenizer } = context;
	checkOptions(name, options, { ...readingOptionNames, top_k: true, max_answer_len: true });
	const { top_k: topK = 1, max_answer_len: longest = 15 } = options;
	checkNumber(name, "top_k", topK, { min: 1, integer: true });
	checkNumber(name, "max_answer_len", longest, { min: 1, integer: true });
	const pairs = pairsOf(name, questions, contexts);
	const reading = readingOf(context, options, "question");
	const documents = pairs.map(({ question, text }, index) =>
		readDocument(reading, text, {
			called: textName("context", index, pairs.length),
			before: tokenizer.encode(question, { addSpecialTokens: false }),
		}),
	);
	const searches = documents.map((document, index) => {
		const { content } = document;
		const answerable = Uint8Array.from(content.ids, (id) => Number(isText(tokenizer, id)));
		if (!answerable.includes(1))
			throw new OptionError(
				`${name}: ${textName("context", index, pairs.length)} has no tokens; expected a text to find the answer in`,
			);
		return new SpanSearch(answerable, longest, topK);
	});
	await runWindows(
		reading,
		documents,
		(inputs) => {
			const { startLogits, endLogits } = model.forward(inputs) as SpanOutputs;
			return [startLogits, endLogits];
		},
		({ document, window, textAt, encoding }, [starts, ends]) =>
			(searches[document] as SpanSearch).add(
				window,
				{ starts: starts as Float32Array, ends: ends as Float32Array, textAt },
				encoding.sources[0] === null,
			),
	);
	const results = documents.map(({ content, overflow }, index) =>
		(searches[index] as SpanSearch).best().map(({ first, last, score }) => {
			const start = content.offsets[first]?.[0] as number;
			const end = content.offsets[last]?.[1] as number;
			const answer = (pairs[index] as Pair).text.slice(start, end);
			return withOverflow({ answer, score, start, end }, overflow);
		}),
	);
	const one = results.map((answers) => answers[0] as QuestionAnsweringOutput);
	if (Array.isArray(questions) || Array.isArray(contexts)) return topK === 1 ? one : results;
	return topK === 1 ? (one[0] as QuestionAnsweringOutput) : (results[0] as QuestionAnsweringOutput[]);
}

interface Pair {
	readonly question: string;
	readonly text: string;
}

function pairsOf(name: string, questions: string | readonly string[], contexts: string | readonly string[]): Pair[] {
	const asked = textsOf(name, "the question", questions);
	const texts = textsOf(name, "the context", contexts);
	const count = Array.isArray(questions) ? asked.length : texts.length;
	if (Array.isArray(questions) && Array.isArray(contexts) && texts.length !== count)
		throw new OptionError(
			`${name}: there are ${count} questions and ${texts.length} contexts; expected a context for each question`,
		);
	return Array.from({ length: count }, (_, index) => ({
		question: asked[Array.isArray(questions) ? index : 0] as string,
		text: texts[Array.isArray(contexts) ? index : 0] as string,
	}));
}

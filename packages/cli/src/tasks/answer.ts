import type { QuestionAnsweringOutput } from "longspan";
import { type Document, pageAt } from "../documents/document.js";
import { UsageError } from "../errors.js";
import { parseInteger } from "../parse-number.js";
import { documentTask, type TaskVerb } from "./document-task.js";
import { formatScore } from "./format-score.js";
import { placeOf } from "./place-of.js";

interface RawAnswerOptions {
	question: string;
	topK: string;
	maxAnswerLen: string;
}

/** Characters around an answer that people are shown. */
const shownAround = 80;

/** The verb `answer`. */
export const answer: TaskVerb<RawAnswerOptions> = {
	name: "answer",
	summary: "the answer to a question in documents by a pretrained model",
	description: "Finds the words of each document that answer a question.",
	addOptions: (command) =>
		command
			.requiredOption("--question <text>", "what is asked")
			.option("--top-k <count>", "how many answers to tell, the likeliest first", "1")
			.option("--max-answer-len <tokens>", "the most tokens of an answer", "15"),
	parse({ question, topK, maxAnswerLen }) {
		if (question.trim() === "") throw new UsageError("--question: it is empty");
		const options = {
			top_k: parseInteger("--top-k", topK, 1),
			max_answer_len: parseInteger("--max-answer-len", maxAnswerLen, 1),
		};
		return documentTask("question-answering", { question, ...options }, async (pipeline, document, reading) => {
			const found: QuestionAnsweringOutput | QuestionAnsweringOutput[] = await pipeline(question, document.text, {
				...reading,
				...options,
			});
			const answers = [found].flat();
			const result = answers.map(({ overflow: _, ...own }) => {
				const page = pageAt(document, own.start);
				return { ...own, ...(page !== undefined && { page }) };
			});
			return {
				result: options.top_k === 1 ? result[0] : result,
				overflow: answers[0]?.overflow,
				text: answers.map((own) => answerText(document, own)).join("\n"),
			};
		});
	},
};

/** An answer, and where it stands. */
function answerText(document: Document, { answer: words, score, start, end }: QuestionAnsweringOutput): string {
	const { text } = document;
	const from = Math.max(0, start - shownAround);
	const to = Math.min(text.length, end + shownAround);
	const around = `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
	const oneLine = (part: string) => part.replace(/\s+/g, " ").trim();
	return `${oneLine(words)}\n  score ${formatScore(score)}, ${placeOf(document, start)}: ${oneLine(around)}\n`;
}

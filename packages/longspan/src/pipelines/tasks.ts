import type { Task } from "../pretrained/tasks.js";
import { extractFeatures, type FeatureExtraction } from "./feature-extraction.js";
import { type FillMask, fillMasks } from "./fill-mask.js";
import { answerQuestions, type QuestionAnswering } from "./question-answering.js";
import type { PipelineContext } from "./reading.js";
import { classifyTexts, type TextClassification } from "./text-classification.js";
import { continueTexts, type TextGeneration } from "./text-generation.js";
import { generateFromTexts, type Summarization, summarizeTexts, type Text2TextGeneration } from "./text-to-text.js";
import { classifyTokens, type TokenClassification } from "./token-classification.js";
import { classifyZeroShot, type ZeroShotClassification } from "./zero-shot-classification.js";

/** What the pipelines are called with and return, by task. */
export interface PipelineCalls {
	"feature-extraction": FeatureExtraction;
	"fill-mask": FillMask;
	"question-answering": QuestionAnswering;
	"sentiment-analysis": TextClassification;
	summarization: Summarization;
	"text-classification": TextClassification;
	"text-generation": TextGeneration;
	"text2text-generation": Text2TextGeneration;
	"token-classification": TokenClassification;
	ner: TokenClassification;
	"zero-shot-classification": ZeroShotClassification;
}

/** What a pipeline is for, by the names of transformers.js. "sentiment-analysis" and "ner" are other names of classifiers. */
export type PipelineTask = keyof PipelineCalls;

/** What models a pipeline needs, and what it does with them. */
export interface PipelineKind<T extends Task = Task> {
	/** The name that its options in config.json and errors have. */
	readonly name: PipelineTask;
	readonly task: T;
	// biome-ignore lint/suspicious/noExplicitAny: `PipelineCalls` has the arguments by task
	run(context: PipelineContext<T>, ...call: any[]): Promise<unknown>;
}

const kind = <T extends Task>(name: PipelineTask, task: T, run: PipelineKind<T>["run"]): PipelineKind =>
	({ name, task, run }) as PipelineKind;

const classification = kind("text-classification", "sequence-classification", classifyTexts);
const entities = kind("token-classification", "token-classification", classifyTokens);

export const pipelineKinds: { readonly [task in PipelineTask]: PipelineKind } = {
	"feature-extraction": kind("feature-extraction", "base", extractFeatures),
	"fill-mask": kind("fill-mask", "masked-lm", fillMasks),
	"question-answering": kind("question-answering", "question-answering", answerQuestions),
	"sentiment-analysis": classification,
	summarization: kind("summarization", "seq2seq-lm", summarizeTexts),
	"text-classification": classification,
	"text-generation": kind("text-generation", "causal-lm", continueTexts),
	"text2text-generation": kind("text2text-generation", "seq2seq-lm", generateFromTexts),
	"token-classification": entities,
	ner: entities,
	"zero-shot-classification": kind("zero-shot-classification", "sequence-classification", classifyZeroShot),
};

import type { FeatureTensor, Overflow, Pipeline, PipelineTask } from "longspan";
import { jsonNumbers } from "../../pipelines/json-numbers.js";
import { countTokens } from "./count-tokens.js";
import type { Pipelines } from "./pipelines.js";
import { CallError, type ModelAnswer, type PipelineCall } from "./served-model.js";

/** Most numbers of an answer: texts in JSON have to fit in one string. */
const mostNumbers = 2 ** 24;

type Options = Readonly<Record<string, unknown>>;
type Call = (...args: unknown[]) => Promise<object>;

/** Calls a pipeline: {"result", "overflow" (by text, if some was too long), "usage"}. */
export async function runPipeline(
	pipelines: Pipelines,
	{ task, inputs, parameters }: PipelineCall,
	signal: AbortSignal,
): Promise<ModelAnswer> {
	const pipeline = pipelines.get(task) as Pipeline;
	const call = pipeline as unknown as Call;
	const { args, texts } = argumentsOf(task, inputs, parameters, signal);
	const result = await call(...args);
	const overflow = overflowOf(result, texts.some(Array.isArray));
	const tokens = countTokens(pipeline.tokenizer, texts.flat());
	const answer = {
		result: task === "feature-extraction" ? featuresJson(result as FeatureTensor) : result,
		...(overflow.some(Boolean) && { overflow }),
		usage: { tokens },
	};
	return { json: JSON.stringify(answer), tokens };
}

/** The arguments of a pipeline, and which of them are texts. */
function argumentsOf(
	task: PipelineTask,
	inputs: unknown,
	parameters: Options,
	signal: AbortSignal,
): { args: unknown[]; texts: unknown[] } {
	if (task === "question-answering") {
		if (typeof inputs !== "object" || inputs === null || !("question" in inputs) || !("context" in inputs))
			throw new CallError(`inputs: expected an object with "question" and "context", each a text or an array of texts`);
		const { question, context } = inputs;
		return { args: [question, context, { ...parameters, signal }], texts: [question, context] };
	}
	if (task === "zero-shot-classification") {
		const { candidate_labels: labels, ...options } = parameters;
		return { args: [inputs, labels, { ...options, signal }], texts: [inputs] };
	}
	return { args: [inputs, { ...parameters, signal }], texts: [inputs] };
}

type Result = { readonly overflow?: unknown } | readonly Result[];

/** How texts that were too long were read, which properties of lists do not get into JSON with: by text, null for those that were not. */
function overflowOf(result: object, several: boolean): (Overflow | null)[] {
	const own = (part: Result): Overflow | null => {
		if ("overflow" in part) return (part.overflow as Overflow | undefined) ?? null;
		return Array.isArray(part) ? (part.map(own).find(Boolean) ?? null) : null;
	};
	if ("overflow" in result && Array.isArray(result.overflow)) return result.overflow.map((each) => each ?? null);
	return several && Array.isArray(result) ? result.map(own) : [own(result as Result)];
}

/** Features as transformers.js has them: numbers in row-major order and their shape. */
function featuresJson({ type, dims, data }: FeatureTensor): object {
	if (data.length > mostNumbers)
		throw new CallError(
			`feature-extraction: the result has ${data.length} numbers; expected at most ${mostNumbers}, so ask for "pooling": "mean" or send fewer texts at once`,
		);
	return { type, dims, data: jsonNumbers(data) };
}

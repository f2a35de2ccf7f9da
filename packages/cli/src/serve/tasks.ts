import type { PipelineTask, Task } from "longspan";

/** Pipelines by what they need a model for. */
const pipelinesByTask: { readonly [task in Task]: readonly PipelineTask[] } = {
	base: ["feature-extraction"],
	"masked-lm": ["fill-mask"],
	"causal-lm": ["text-generation"],
	"seq2seq-lm": ["summarization", "text2text-generation"],
	"sequence-classification": ["text-classification", "zero-shot-classification"],
	"token-classification": ["token-classification"],
	"question-answering": ["question-answering"],
	"multiple-choice": [],
};

/** All pipelines that can be served. */
export const servedTasks: readonly PipelineTask[] = Object.values(pipelinesByTask).flat();

/** Other names of pipelines, as transformers.js has them. */
const aliases: Readonly<Record<string, PipelineTask>> = {
	ner: "token-classification",
	"sentiment-analysis": "text-classification",
};

/** The pipeline of a name; undefined if there is none. */
export function taskNamed(name: string): PipelineTask | undefined {
	return servedTasks.find((task) => task === name) ?? (Object.hasOwn(aliases, name) ? aliases[name] : undefined);
}

/** What a pipeline needs a model for: pipelines with the same need share it. */
export function modelTaskOf(task: PipelineTask): Task {
	const entries = Object.entries(pipelinesByTask) as [Task, readonly PipelineTask[]][];
	return (entries.find(([, tasks]) => tasks.includes(task)) as [Task, unknown])[0];
}

/** The pipelines of models of a task. */
export function pipelinesOf(task: Task): readonly PipelineTask[] {
	return pipelinesByTask[task];
}

/** Whether a model of the class that a pipeline needs suits it: zero-shot classification is for some classifiers only. */
export function suits(task: PipelineTask, labels: readonly string[]): boolean {
	return task !== "zero-shot-classification" || labels.some((label) => /^entail/i.test(label));
}

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

/** What a pipeline needs a model for: pipelines with the same need share it. */
export function modelTaskOf(task: PipelineTask): Task {
	const entries = Object.entries(pipelinesByTask) as [Task, readonly PipelineTask[]][];
	return (entries.find(([, tasks]) => tasks.includes(task)) as [Task, unknown])[0];
}

/** The pipelines of a model that was saved for a task. */
export function pipelinesOf(task: Task, labels: readonly string[]): readonly PipelineTask[] {
	const inference = labels.some((label) => /^entail/i.test(label));
	return pipelinesByTask[task].filter((name) => name !== "zero-shot-classification" || inference);
}

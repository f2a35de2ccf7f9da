import { OptionError } from "../errors.js";
import type { PretrainedModel } from "../pretrained/model.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { type PipelineCalls, type PipelineTask, pipelineKinds } from "./tasks.js";

/** A model that was loaded for the task of a pipeline, with its tokenizer. */
export interface LoadedCheckpoint {
	readonly model: PretrainedModel;
	readonly tokenizer: Tokenizer;
}

/** A pipeline: it is called with texts. */
export type Pipeline<T extends PipelineTask = PipelineTask> = PipelineCalls[T] & {
	readonly task: T;
	readonly model: PretrainedModel;
	readonly tokenizer: Tokenizer;
	/** Frees the model if the pipeline loaded it; one that was given is its owner's. */
	dispose(): void;
};

/** Makes the function of a pipeline of a model that is loaded. */
export function bindPipeline<T extends PipelineTask>(
	task: T,
	{ model, tokenizer }: LoadedCheckpoint,
	dispose: () => void,
): Pipeline<T> {
	const kind = pipelineKinds[task];
	if (model.task !== kind.task)
		throw new OptionError(
			`${task}: the model is a ${model.className}, loaded for "${model.task}"; expected one for "${kind.task}"`,
		);
	const context = { name: kind.name, model, tokenizer };
	const call = (...args: unknown[]) => kind.run(context, ...args);
	return Object.assign(call, { task, model, tokenizer, dispose }) as unknown as Pipeline<T>;
}

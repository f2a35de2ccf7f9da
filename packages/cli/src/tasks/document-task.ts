import type { Command } from "commander";
import type { Overflow, Pipeline, PipelineTask } from "longspan";
import type { Document } from "../documents/document.js";
import type { ReadingCall } from "../pipelines/reading-options.js";

/** What a pipeline made of a document. */
export interface Outcome {
	/** As the pipeline returns it for a text, without what repeats the document. */
	readonly result: unknown;
	/** How the document was read, if it was longer than the model takes. */
	readonly overflow: Overflow | undefined;
	/** The result for people, with a line break at its end. */
	readonly text: string;
}

/** What is done with each document of a run. */
export interface DocumentTask {
	readonly task: PipelineTask;
	/** Options of the task that the result depends on. */
	readonly options: { readonly [option: string]: unknown };
	/** `reading`: further options of the pipeline. */
	run(pipeline: Pipeline, document: Document, reading: ReadingCall): Promise<Outcome>;
}

/** A verb that runs a task over documents. */
export interface TaskVerb<Raw> {
	readonly name: string;
	readonly summary: string;
	readonly description: string;
	/** Gives the command the options of the task. */
	addOptions(command: Command): Command;
	/** Checks the options of the task. Throws `UsageError`, naming the option. */
	parse(raw: Raw): DocumentTask;
}

/** A task by the function that runs its pipeline. */
export function documentTask<T extends PipelineTask>(
	task: T,
	options: DocumentTask["options"],
	run: (pipeline: Pipeline<T>, document: Document, reading: ReadingCall) => Promise<Outcome>,
): DocumentTask {
	return { task, options, run: run as unknown as DocumentTask["run"] };
}

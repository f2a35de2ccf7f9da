import {
	checkpointTask,
	type Device,
	type ModelFiles,
	openModelFiles,
	type Pipeline,
	type PipelineTask,
	type ProgressEvent,
	pipeline,
} from "longspan";
import { InputError } from "../../errors.js";
import { inCommandTerms } from "../../pipelines/explain.js";
import { filesOptions } from "../../pipelines/model-options.js";
import type { ServedModelSettings } from "../settings.js";
import { modelTaskOf, pipelinesOf, servedTasks, suits } from "../tasks.js";
import type { ModelInfo } from "./served-model.js";

/** The pipelines of a server, by task. */
export type Pipelines = ReadonlyMap<PipelineTask, Pipeline>;

/**
 * Loads the pipelines of a server: those asked for, else those that the checkpoint was saved for. Pipelines that need the same class of
 * model share it.
 *
 * @throws InputError for a checkpoint that cannot be had or lacks a head; nothing stays allocated
 */
export async function loadPipelines(
	settings: ServedModelSettings,
	device: Device,
	progress: (event: ProgressEvent) => void,
): Promise<Pipelines> {
	const { model, dtype } = settings;
	const loaded = new Map<PipelineTask, Pipeline>();
	const add = async (task: PipelineTask, files: ModelFiles) => {
		const shared = [...loaded.values()].find((other) => modelTaskOf(other.task) === modelTaskOf(task));
		const made = shared ? await pipeline(task, shared) : await pipeline(task, files, { device, dtype });
		loaded.set(task, made);
		return made;
	};
	try {
		const files = await openModelFiles(model, {
			...filesOptions(settings),
			progress,
		});
		for (const task of settings.tasks) await add(task, files);
		if (loaded.size > 0) return loaded;
		const saved = await checkpointTask(files);
		const [first, ...others] = saved ? pipelinesOf(saved) : [];
		if (!first)
			throw new InputError(
				`config.json of "${model}" does not say what to serve; expected --task, such as --task ${servedTasks[0]}, or one of ${servedTasks.slice(1).join(", ")}`,
			);
		const { labels } = (await add(first, files)).model;
		for (const task of others) if (suits(task, labels)) await add(task, files);
		return loaded;
	} catch (error) {
		for (const each of loaded.values()) each.dispose();
		throw inCommandTerms(error);
	}
}

/** What is told of the pipelines. */
export function describePipelines(pipelines: Pipelines): ModelInfo {
	const models = new Set([...pipelines.values()].map(({ model }) => model));
	const lengths = [...pipelines.values()].map(({ model, tokenizer }) =>
		Math.min(model.maxLength ?? Number.POSITIVE_INFINITY, tokenizer.maxLength ?? Number.POSITIVE_INFINITY),
	);
	const maxLength = Math.min(...lengths);
	return {
		tasks: [...pipelines.keys()],
		classes: [...models].map(({ className }) => className),
		maxLength: Number.isFinite(maxLength) ? maxLength : null,
		bytes: [...models].reduce((sum, { bytes }) => sum + bytes, 0),
	};
}

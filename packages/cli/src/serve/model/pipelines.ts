import { type Device, type ModelFiles, openModelFiles, type Pipeline, type PipelineTask, pipeline } from "longspan";
import { checkpointTask, type ProgressEvent } from "longspan";
import { InputError } from "../../errors.js";
import { inCommandTerms } from "../../pipelines/explain.js";
import type { ServedModelSettings } from "../settings.js";
import { modelTaskOf, pipelinesOf } from "../tasks.js";
import type { ModelInfo } from "./served-model.js";

/** The pipelines of a server, by task. */
export type Pipelines = ReadonlyMap<PipelineTask, Pipeline>;

/**
 * Loads the pipelines of a server: those asked for, else those that the checkpoint was saved for. Pipelines that need the same class of
 * model share it.
 *
 * @throws InputError for a checkpoint that cannot be had or lacks a head
 */
export async function loadPipelines(
	settings: ServedModelSettings,
	device: Device,
	progress: (event: ProgressEvent) => void,
): Promise<Pipelines> {
	const { model, cacheDir, revision, offline } = settings;
	const loaded = new Map<PipelineTask, Pipeline>();
	try {
		const files = await openModelFiles(model, {
			...(cacheDir !== undefined && { cacheDir }),
			...(revision !== undefined && { revision }),
			// Undefined leaves it to HF_HUB_OFFLINE.
			...(offline && { localFilesOnly: true }),
			progress,
		});
		const add = async (task: PipelineTask) => {
			const shared = [...loaded.values()].find((other) => modelTaskOf(other.task) === modelTaskOf(task));
			loaded.set(task, await pipeline(task, shared ?? files, shared ? {} : { device, dtype: settings.dtype }));
		};
		for (const task of settings.tasks) await add(task);
		if (loaded.size > 0) return loaded;
		const saved = await checkpointTask(files);
		const [first] = saved ? pipelinesOf(saved, ["entailment"]) : [];
		if (!saved || !first) throw await unknownTask(files);
		await add(first);
		for (const task of pipelinesOf(saved, (loaded.get(first) as Pipeline).model.labels))
			if (task !== first) await add(task);
		return loaded;
	} catch (error) {
		for (const each of loaded.values()) each.dispose();
		throw inCommandTerms(error);
	}
}

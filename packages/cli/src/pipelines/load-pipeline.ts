import { type Pipeline, type PipelineTask, pipeline } from "longspan";
import { startDevice } from "../device-options.js";
import { downloadProgress } from "./download-progress.js";
import { inCommandTerms } from "./explain.js";
import { filesOptions, type ModelSettings } from "./model-options.js";

/** A pipeline and the device it computes on. */
export interface LoadedPipeline<T extends PipelineTask = PipelineTask> {
	readonly pipeline: Pipeline<T>;
	/** Frees the model and the device. */
	dispose(): void;
}

/**
 * Starts the device and loads a model for a task, with progress of downloads on stderr.
 *
 * @throws InputError for a model that cannot be had or has no head for the task; nothing stays allocated
 */
export async function loadPipeline<T extends PipelineTask>(
	task: T,
	settings: ModelSettings,
): Promise<LoadedPipeline<T>> {
	const { model, dtype } = settings;
	const device = await startDevice(settings);
	const downloads = downloadProgress();
	try {
		const loaded = await pipeline(task, model, {
			device,
			dtype,
			...filesOptions(settings),
			progress: downloads.event,
		});
		return {
			pipeline: loaded,
			dispose() {
				loaded.dispose();
				device.dispose();
			},
		};
	} catch (error) {
		device.dispose();
		throw inCommandTerms(error);
	} finally {
		downloads.stop();
	}
}

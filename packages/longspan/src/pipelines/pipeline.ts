import { OptionError } from "../errors.js";
import { checkChoice, checkOptions, describe, type OptionNames } from "../ops/operands.js";
import {
	type FromPretrainedOptions,
	fromPretrainedOptionNames,
	modelFromFiles,
} from "../pretrained/auto/from-pretrained.js";
import type { ModelFiles } from "../pretrained/files/model-files.js";
import { openModelFiles } from "../pretrained/files/open-model-files.js";
import { readJsonObject } from "../pretrained/files/read-json.js";
import type { Task } from "../pretrained/tasks.js";
import { loadTokenizer } from "../text/load-tokenizer.js";
import { bindPipeline, type LoadedCheckpoint, type Pipeline } from "./bind-pipeline.js";
import { type PipelineTask, pipelineKinds } from "./tasks.js";

type LoadingOptions = Omit<FromPretrainedOptions, "trainable" | "drawMissing">;

/** How the model is loaded. Options that transformers.js has are known by its names, too. */
export interface PipelineOptions extends LoadingOptions {
	/** `cacheDir`. */
	cache_dir?: string | undefined;
	/** `localFilesOnly`. */
	local_files_only?: boolean | undefined;
	/** `progress`. */
	progress_callback?: FromPretrainedOptions["progress"];
}

const { trainable, drawMissing, ...loadingOptionNames } = fromPretrainedOptionNames;
const pipelineOptionNames: OptionNames<PipelineOptions> = {
	...loadingOptionNames,
	cache_dir: true,
	local_files_only: true,
	progress_callback: true,
};

function loadingOptions(options: PipelineOptions): LoadingOptions {
	checkOptions("pipeline", options, pipelineOptionNames);
	const { cache_dir, local_files_only, progress_callback, ...others } = options;
	return { cacheDir: cache_dir, localFilesOnly: local_files_only, progress: progress_callback, ...others };
}

/**
 * Makes a function of a pretrained model that takes texts and returns what the task asks for, with the task names, arguments and results
 * of transformers.js. Nothing is cut silently: a text that is longer than the model takes is refused, unless the call says
 * `overflow: "stride"` (read in windows) or `"truncate"` (read its begin); the result then has a property `overflow`.
 *
 * Calls reject with `OptionError` for arguments they cannot take. What is returned for a text does not depend on the other texts of the
 * call, nor on how they are batched.
 *
 * @param task such as "question-answering"
 * @param checkpoint id of a repository of the Hub, local folder or files, of a checkpoint with a head for the task; or a model that was
 * loaded for it, with its tokenizer
 * @throws OptionError for an unknown task, and a checkpoint that has another head, is not supported or damaged
 * @example
 * const answer = await pipeline("question-answering", "./longformer-qa", { dtype: "q8" });
 * const { answer: text, score, start, end } = await answer("Who keeps the light?", book, { overflow: "stride" });
 */
export async function pipeline<T extends PipelineTask>(
	task: T,
	checkpoint: string | ModelFiles | LoadedCheckpoint,
	options: PipelineOptions = {},
): Promise<Pipeline<T>> {
	checkChoice("pipeline", "task", task, Object.keys(pipelineKinds));
	const loading = loadingOptions(options);
	if (isLoaded(checkpoint)) {
		checkLoaded(checkpoint);
		return bindPipeline(task, checkpoint, () => {});
	}
	const loaded = await load(pipelineKinds[task].task, checkpoint, loading);
	return bindPipeline(task, loaded, () => loaded.model.dispose());
}

/** Pipelines count, too: they have a model and its tokenizer. */
function isLoaded(checkpoint: unknown): checkpoint is LoadedCheckpoint {
	const holds = (typeof checkpoint === "object" && checkpoint !== null) || typeof checkpoint === "function";
	return holds && "model" in checkpoint && "tokenizer" in checkpoint;
}

function checkLoaded({ model, tokenizer }: LoadedCheckpoint): void {
	if (typeof model?.forward !== "function")
		throw new OptionError(`pipeline: model is ${describe(model)}; expected what AutoModel….fromPretrained gives`);
	if (typeof tokenizer?.encode !== "function")
		throw new OptionError(
			`pipeline: tokenizer is ${describe(tokenizer)}; expected what AutoTokenizer.fromPretrained gives`,
		);
}

async function load(task: Task, place: string | ModelFiles, options: LoadingOptions): Promise<LoadedCheckpoint> {
	const files = await openModelFiles(place, options);
	const tokenizer = await loadTokenizer(files);
	try {
		return { model: await modelFromFiles(task, files, options), tokenizer };
	} catch (error) {
		const { architectures } = (await readJsonObject(files, "config.json")) as { architectures?: unknown };
		if (!(error instanceof OptionError) || !Array.isArray(architectures)) throw error;
		// A head that is missing is the likeliest cause.
		throw new OptionError(`${error.message} (the checkpoint is of ${architectures.join(", ")})`, { cause: error });
	}
}

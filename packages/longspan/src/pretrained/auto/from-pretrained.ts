import { OptionError } from "../../errors.js";
import { checkFlag, checkNumber, checkOptions, type OptionNames } from "../../ops/operands.js";
import { loadTokenizer } from "../../text/load-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { ModelFiles } from "../files/model-files.js";
import { type FilesOptions, filesOptionNames, openModelFiles } from "../files/open-model-files.js";
import type { PretrainedModel } from "../model.js";
import type { Task } from "../tasks.js";
import { type DeviceChoice, deviceOf } from "./device.js";
import { type ModelDType, matrixFormatOf } from "./dtype.js";
import { loadModel, type OpenCheckpoint } from "./load-model.js";
import { readCheckpoint } from "./open-checkpoint.js";

export interface FromPretrainedOptions extends FilesOptions {
	/** Where the model computes: a device, or the kind of one to start. Default: the current device, or a new WASM one. */
	device?: DeviceChoice | undefined;
	/**
	 * How the matrices are kept in memory: "fp32", "fp16" and "bf16" (half the memory), or "q8" (int8 with a factor for each output
	 * channel, a quarter). Default: "fp32".
	 */
	dtype?: ModelDType | undefined;
	/** Whether the weights are tensors that can be trained, in float32, instead of packed matrices. Default: false. */
	trainable?: boolean | undefined;
	/** Seed of new weights where the checkpoint lacks some, as for a new head. Default: it must have all. */
	drawMissing?: number | undefined;
}

export const fromPretrainedOptionNames: OptionNames<FromPretrainedOptions> = {
	...filesOptionNames,
	device: true,
	dtype: true,
	trainable: true,
	drawMissing: true,
};

/** Loads models of one task. */
export interface AutoModelClass<T extends Task> {
	/**
	 * Loads a checkpoint in the Hugging Face layout: config.json and model.safetensors (or shards with their index), read as streams.
	 *
	 * @param idOrFolder id of a repository of the Hub such as "allenai/longformer-base-4096", a local folder, or files of one's own
	 * @throws OptionError for a checkpoint that is not supported, damaged, or lacks weights; nothing stays allocated
	 * @example
	 * const model = await AutoModelForSequenceClassification.fromPretrained("./my-longformer", { dtype: "q8" });
	 * const { logits } = model.forward({ inputIds: intTensor(ids, [1, ids.length]) });
	 */
	fromPretrained(idOrFolder: string | ModelFiles, options?: FromPretrainedOptions): Promise<PretrainedModel<T>>;
}

const name = "fromPretrained";

type ModelOptions = Omit<FromPretrainedOptions, keyof FilesOptions> & Pick<FilesOptions, "progress">;

/** Loads the model of some files. */
export async function modelFromFiles<T extends Task>(
	task: T,
	files: ModelFiles,
	options: ModelOptions = {},
): Promise<PretrainedModel<T>> {
	checkModelOptions(options);
	return modelFromCheckpoint(task, await readCheckpoint(files), options);
}

/**
 * Loads the model of a checkpoint that was opened, and perhaps changed since, as by `withLabels` or `lengthenCheckpoint`.
 *
 * @param task what the model is for, such as "masked-lm"
 * @throws OptionError as `fromPretrained`; nothing stays allocated
 */
export async function modelFromCheckpoint<T extends Task>(
	task: T,
	checkpoint: OpenCheckpoint,
	options: ModelOptions = {},
): Promise<PretrainedModel<T>> {
	const { format, drawMissing } = checkModelOptions(options);
	const device = await deviceOf(name, options.device);
	return loadModel(task, checkpoint, { device, format, drawMissing });
}

function checkModelOptions({ dtype, trainable = false, drawMissing }: ModelOptions) {
	const format = matrixFormatOf(name, dtype ?? "fp32");
	checkFlag(name, "trainable", trainable);
	if (drawMissing !== undefined) checkNumber(name, "drawMissing", drawMissing, { min: 0, integer: true });
	if (trainable && dtype !== undefined && dtype !== "fp32")
		throw new OptionError(
			`${name}: dtype is "${dtype}" with trainable: true; expected "fp32", in which weights are trained`,
		);
	return { format: trainable ? ("tensor" as const) : format, drawMissing };
}

/** The class that loads models of a task. */
function autoModel<T extends Task>(task: T): AutoModelClass<T> {
	return {
		async fromPretrained(idOrFolder, options = {}) {
			checkOptions(name, options, fromPretrainedOptionNames);
			return modelFromFiles(task, await openModelFiles(idOrFolder, options), options);
		},
	};
}

/** Loads encoders and encoder–decoders without a head. */
export const AutoModel = autoModel("base");
/** Loads models that fill masks. */
export const AutoModelForMaskedLM = autoModel("masked-lm");
/** Loads models that go on with a text. */
export const AutoModelForCausalLM = autoModel("causal-lm");
/** Loads models that write a text about another. */
export const AutoModelForSeq2SeqLM = autoModel("seq2seq-lm");
/** Loads classifiers of texts. */
export const AutoModelForSequenceClassification = autoModel("sequence-classification");
/** Loads classifiers of tokens. */
export const AutoModelForTokenClassification = autoModel("token-classification");
/** Loads models that mark the answer to a question in a text. */
export const AutoModelForQuestionAnswering = autoModel("question-answering");
/** Loads models that choose one of several texts. */
export const AutoModelForMultipleChoice = autoModel("multiple-choice");

/** Loads tokenizers. */
export const AutoTokenizer = {
	/**
	 * Loads tokenizer.json and its settings.
	 *
	 * @param idOrFolder as for models
	 */
	async fromPretrained(idOrFolder: string | ModelFiles, options: FilesOptions = {}): Promise<Tokenizer> {
		checkOptions(name, options, filesOptionNames);
		return loadTokenizer(await openModelFiles(idOrFolder, options));
	},
};

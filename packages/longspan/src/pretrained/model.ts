import type { DecoderSession } from "../generate/decoder-session.js";
import type { Matrix } from "../ops/packed-matrix.js";
import type { Device } from "../tensor/device.js";
import type { EncoderInputs, RunOptions } from "./architecture.js";
import type { ConfigJson } from "./config/config-fields.js";
import type { Task, TaskTypes } from "./tasks.js";

/** A pretrained model: an architecture with the weights of a checkpoint. */
export interface PretrainedModel<T extends Task = Task> {
	readonly task: T;
	/** Name of its class in transformers, such as "LongformerForMaskedLM". */
	readonly className: string;
	/** `model_type` of config.json, such as "longformer". */
	readonly modelType: string;
	/** config.json as it was read. */
	readonly config: ConfigJson;
	/** generation_config.json as it was read; empty if there is none. */
	readonly generationConfig: ConfigJson;
	/** Names of the classes of classifiers, by index. Empty for other models. */
	readonly labels: readonly string[];
	/** Longest input in tokens; undefined for any. */
	readonly maxLength: number | undefined;
	readonly device: Device;
	/** The weights: trees of tensors and packed matrices. */
	readonly parameters: unknown;
	/** Names of weights of the checkpoint that the class does not use. */
	readonly unused: readonly string[];
	/** Names of weights that the checkpoint lacks and that were drawn. */
	readonly drawn: readonly string[];
	/** Bytes of device memory of the weights. */
	readonly bytes: number;
	/** Runs the model. Call it in a `scope`, or dispose of what it returns. */
	forward(inputs: TaskTypes[T][0], options?: RunOptions): TaskTypes[T][1];
	/** Runs the encoder, if there is one, and starts to decode. Throws `OptionError` for models that write no text. */
	startDecoding(inputs: EncoderInputs): DecoderSession;
	/** The weights by their names in checkpoints, each once, whatever tied places it has. */
	weights(): Readonly<Record<string, Matrix>>;
	/** `forward` with other weights of these names, such as those that are trained: differentiable in them. */
	forwardWith(
		weights: Readonly<Record<string, Matrix>>,
		inputs: TaskTypes[T][0],
		options?: RunOptions,
	): TaskTypes[T][1];
	/** Frees the weights. */
	dispose(): void;
}

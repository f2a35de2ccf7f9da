import { DisposedError, OptionError } from "../../errors.js";
import { PackedMatrix } from "../../ops/packed-matrix.js";
import type { Architecture, HiddenOutputs } from "../architecture.js";
import { ConfigFields, type ConfigJson } from "../config/config-fields.js";
import { readLabels } from "../config/labels.js";
import type { PretrainedModel } from "../model.js";
import { type LoadOptions, loadParameters } from "../parameters/load.js";
import { namedWeights, withWeights } from "../parameters/named-weights.js";
import { disposeParameters, visitParameters } from "../parameters/parameters.js";
import type { WeightSource } from "../parameters/weight-source.js";
import type { GeneratingArchitecture, Task } from "../tasks.js";
import type { ModelClass, ModelType } from "./model-type.js";
import { modelTypes } from "./registry.js";

/** A checkpoint that has been read but for its weights. */
export interface OpenCheckpoint {
	/** Where it is, for errors. */
	readonly location: string;
	readonly config: ConfigJson;
	readonly generationConfig: ConfigJson;
	readonly weights: WeightSource;
}

/** Makes a model of the weights of a checkpoint. Nothing stays allocated if it fails. */
export async function loadModel<T extends Task>(
	task: T,
	checkpoint: OpenCheckpoint,
	options: Omit<LoadOptions, "prefix">,
): Promise<PretrainedModel<T>> {
	const { location, config, generationConfig, weights } = checkpoint;
	const { type, modelClass } = classOf(task, location, config);
	const fields = new ConfigFields(`${location}: config.json`, config);
	const architecture = modelClass.create(fields);
	const labels = hasLabels(task) ? readLabels(fields) : [];
	// Classes without labels have them in their files, too.
	fields.ignore("id2label", "label2id", "num_labels", "_num_labels", "problem_type");
	const maxLength = type.maxLength(fields);
	fields.finish();
	const { prefix } = type;
	const { parameters, unused, drawn } = await loadParameters(architecture.declared, weights, { ...options, prefix });
	let disposed = false;
	/** The weights while they are there. */
	const own = () => {
		if (disposed) throw new DisposedError(`${modelClass.name}: this model was disposed; load it again`);
		return parameters;
	};
	return {
		task,
		className: modelClass.name,
		modelType: String(config.model_type),
		config,
		generationConfig,
		labels,
		maxLength,
		device: options.device,
		parameters,
		unused,
		drawn,
		bytes: bytesOf(parameters),
		forward: (inputs, run) => architecture.forward(own(), inputs, run),
		startDecoding(inputs) {
			if (!canDecode(architecture))
				throw new OptionError(
					`startDecoding: ${modelClass.name} writes no text; load the checkpoint for "causal-lm" or "seq2seq-lm"`,
				);
			return architecture.startDecoding(own(), inputs);
		},
		weights: () => Object.fromEntries(namedWeights(architecture.declared, own())),
		forwardWith: (weights, inputs, run) =>
			architecture.forward(withWeights(architecture.declared, parameters, weights), inputs, run),
		dispose() {
			disposed = true;
			disposeParameters(parameters);
		},
	};
}

/** The class of a checkpoint for a task. */
function classOf(task: Task, location: string, config: ConfigJson): { type: ModelType; modelClass: ModelClass } {
	const name = config.model_type;
	const type = typeof name === "string" && Object.hasOwn(modelTypes, name) ? modelTypes[name] : undefined;
	if (!type)
		throw new OptionError(
			`${location}: config.json has model_type ${JSON.stringify(name)}; expected ${Object.keys(modelTypes).join(", ")}`,
		);
	const modelClass = type.classes[task];
	if (!modelClass)
		throw new OptionError(
			`${location}: ${name} has no class for "${task}"; expected one of ${Object.keys(type.classes).join(", ")}`,
		);
	return { type, modelClass };
}

function hasLabels(task: Task): boolean {
	return task === "sequence-classification" || task === "token-classification";
}

type AnyArchitecture = Architecture<unknown, HiddenOutputs>;

function canDecode(architecture: AnyArchitecture): architecture is GeneratingArchitecture<unknown, HiddenOutputs> {
	return "startDecoding" in architecture;
}

/** Bytes of device memory of the weights, each counted once. */
function bytesOf(parameters: unknown): number {
	const counted = new Set<unknown>();
	let bytes = 0;
	visitParameters(parameters, (weight) => {
		if (counted.has(weight)) return;
		counted.add(weight);
		bytes += weight instanceof PackedMatrix ? weight.bytes : 4 * weight.size;
	});
	return bytes;
}

import { OptionError } from "../../errors.js";
import type { OpenCheckpoint } from "../auto/load-model.js";
import type { ModelClass, ModelType } from "../auto/model-type.js";
import { modelTypes } from "../auto/registry.js";
import { ConfigFields, type ConfigJson } from "../config/config-fields.js";
import { declarationsOf } from "../parameters/declare.js";
import { findWeights } from "../parameters/find-weights.js";
import type { Task } from "../tasks.js";

export interface FoundClass {
	readonly type: ModelType;
	readonly task: Task;
	readonly modelClass: ModelClass;
}

/** The class that a checkpoint was saved as, or, where there is none of that name here, the one that its weights are enough for. */
export function findClass(checkpoint: OpenCheckpoint): FoundClass {
	const { config, location, weights } = checkpoint;
	const type = modelTypes[String(config.model_type)] as ModelType;
	const classes = Object.entries(type.classes) as [Task, ModelClass][];
	const named = Array.isArray(config.architectures) ? config.architectures[0] : undefined;
	const isComplete = (task: Task) => {
		const declared = (type.classes[task] as ModelClass).create(new ConfigFields(location, config)).declared;
		return findWeights(declarationsOf(declared), weights, type.prefix).missing.length === 0;
	};
	const found =
		classes.find(([, { name }]) => name === named) ??
		classes.find(([task]) => task === (isComplete("masked-lm") ? "masked-lm" : "base"));
	const [task, modelClass] = found as [Task, ModelClass];
	return { type, task, modelClass };
}

/** The class of a kind of models for a task, unless it computes something else than the one it is to come from. */
export function targetClass(to: string, { task, modelClass: from }: FoundClass, config: ConfigJson): ModelClass {
	const refuse = (problem: string): never => {
		throw new OptionError(
			`lengthenCheckpoint: ${from.name} cannot become a model of "${to}": ${problem}; lengthen a checkpoint of another class, such as the masked language model that it came from`,
		);
	};
	const found = modelTypes[to]?.classes[task];
	if (!found) return refuse(`that has no class for "${task}"`);
	if (to === "big_bird" && (task === "sequence-classification" || task === "question-answering"))
		return refuse(`the head of ${found.name} computes something else`);
	// In the heads of RoBERTa and Longformer it is always GELU; in those of the others, that of the layers.
	if (task === "masked-lm" && (config.hidden_act ?? "gelu") !== "gelu")
		return refuse(`hidden_act is ${JSON.stringify(config.hidden_act)}; expected "gelu", for the same head`);
	return found;
}

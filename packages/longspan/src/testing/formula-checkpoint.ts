import type { OpenCheckpoint } from "../pretrained/auto/load-model.js";
import type { ModelClass } from "../pretrained/auto/model-type.js";
import { modelTypes } from "../pretrained/auto/registry.js";
import { ConfigFields, type ConfigJson } from "../pretrained/config/config-fields.js";
import type { Task } from "../pretrained/tasks.js";
import { formulaWeights } from "./formula-weights.js";

/** Sizes of a tiny encoder in the manner of BERT. */
export const tinyEncoder = {
	vocab_size: 60,
	hidden_size: 12,
	num_hidden_layers: 2,
	num_attention_heads: 2,
	intermediate_size: 20,
	max_position_embeddings: 16,
	type_vocab_size: 2,
	layer_norm_eps: 1e-5,
} as const;

/** A checkpoint in memory of a class, with weights by formula. */
export function formulaCheckpoint(task: Task, config: ConfigJson): OpenCheckpoint {
	const modelClass = modelTypes[String(config.model_type)]?.classes[task] as ModelClass;
	const { declared } = modelClass.create(new ConfigFields("a tiny checkpoint", config));
	return {
		location: "a tiny checkpoint",
		config: { ...config, architectures: [modelClass.name] },
		generationConfig: {},
		weights: formulaWeights(declared),
	};
}

import { loadModel } from "../pretrained/auto/load-model.js";
import type { ModelType } from "../pretrained/auto/model-type.js";
import { modelTypes } from "../pretrained/auto/registry.js";
import { ConfigFields, type ConfigJson } from "../pretrained/config/config-fields.js";
import type { PretrainedModel } from "../pretrained/model.js";
import { type Declared, declarationsOf } from "../pretrained/parameters/declare.js";
import type { LoadOptions } from "../pretrained/parameters/load.js";
import type { WeightSource } from "../pretrained/parameters/weight-source.js";
import type { Task } from "../pretrained/tasks.js";
import { createClass } from "./formula-model.js";
import { formulaWeights } from "./formula-weights.js";

export const tinyVocabulary = 30;

const common = { vocab_size: tinyVocabulary, pad_token_id: 1, sep_token_id: 2, eos_token_id: 2 };
const encoder = {
	...common,
	...{ hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 64 },
	...{ max_position_embeddings: 800, type_vocab_size: 2, layer_norm_eps: 1e-5 },
};
const encoderDecoder = {
	...common,
	...{ d_model: 32, encoder_layers: 2, decoder_layers: 2, encoder_attention_heads: 4, decoder_attention_heads: 2 },
	...{ encoder_ffn_dim: 64, decoder_ffn_dim: 48, max_position_embeddings: 800, decoder_start_token_id: 2 },
};
const { max_position_embeddings: _, ...led } = encoderDecoder;

/** A small configuration of every `model_type`. */
export const tinyConfigs: Readonly<Record<string, ConfigJson>> = {
	bart: encoderDecoder,
	bert: encoder,
	big_bird: { ...encoder, block_size: 8, num_random_blocks: 1 },
	bigbird_pegasus: { ...encoderDecoder, block_size: 8, num_random_blocks: 1 },
	led: {
		...led,
		...{ attention_window: [8, 16], max_encoder_position_embeddings: 800, max_decoder_position_embeddings: 800 },
	},
	longformer: { ...encoder, attention_window: [8, 16] },
	reformer: {
		...common,
		...{ hidden_size: 32, num_attention_heads: 2, attention_head_size: 8, feed_forward_size: 48 },
		...{ attn_layers: ["local", "lsh"], local_attn_chunk_length: 8, lsh_attn_chunk_length: 8, num_hashes: 2 },
		...{ num_buckets: 8, hash_seed: 1, axial_pos_shape: [20, 40], axial_pos_embds_dim: [8, 24] },
		...{ max_position_embeddings: 800 },
	},
	roberta: encoder,
};

/** Every class that can be loaded. */
export const allClasses: readonly (readonly [className: string, modelType: string, task: Task])[] = Object.entries(
	modelTypes,
).flatMap(([modelType, { classes }]) =>
	Object.entries(classes).map(([task, { name }]) => [name, modelType, task as Task] as const),
);

/** The configuration of a class. */
export function tinyConfig(modelType: string, task: Task): ConfigJson {
	const causal = task === "causal-lm" && {
		is_decoder: true,
		...(modelType === "big_bird" && { attention_type: "original_full" }),
	};
	const labels = task.endsWith("classification") && { num_labels: 3 };
	return { model_type: modelType, ...tinyConfigs[modelType], ...causal, ...labels };
}

function declaredBy(modelType: string, task: Task): Declared {
	const fields = new ConfigFields("config.json", tinyConfig(modelType, task));
	return createClass(modelTypes[modelType] as ModelType, task, fields).declared;
}

/** Weights by formula for a class. */
export function tinyWeights(modelType: string, task: Task): WeightSource {
	return { ...formulaWeights(declaredBy(modelType, task)), location: "tiny" };
}

/** Names of the weights that a checkpoint of a class must have. */
export function neededWeights(modelType: string, task: Task): readonly string[] {
	const needed = declarationsOf(declaredBy(modelType, task)).filter(({ optional }) => !optional);
	return [...new Set(needed.map(({ name }) => name))];
}

export interface TinyModelOptions extends Pick<LoadOptions, "device"> {
	readonly format?: LoadOptions["format"];
	/** Default: as the class has it. */
	readonly config?: ConfigJson;
	/** Default: by formula. */
	readonly weights?: WeightSource;
	readonly drawMissing?: number;
}

export function loadTiny<T extends Task>(
	modelType: string,
	task: T,
	options: TinyModelOptions,
): Promise<PretrainedModel<T>> {
	const { device, format = "float32", config = tinyConfig(modelType, task), drawMissing } = options;
	const { weights = tinyWeights(modelType, task) } = options;
	const checkpoint = { location: "tiny", config, generationConfig: {}, weights };
	return loadModel(task, checkpoint, { device, format, drawMissing });
}

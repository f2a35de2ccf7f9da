import { generationChecks } from "./check-options.js";
import type { GenerationOptions } from "./generation-options.js";

/** Fields of generation_config.json by option: `maxNewTokens` is max_new_tokens there. A seed is the caller's alone. */
export const generationFields: ReadonlyMap<string, keyof GenerationOptions> = new Map(
	(Object.keys(generationChecks) as (keyof GenerationOptions)[])
		.filter((option) => option !== "seed")
		.map((option) => [option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), option]),
);

/** Fields that change how a text is made in ways not supported here, with the values that do not. Null never does. */
export const unsupportedFields: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>([
	["assistant_early_exit", []],
	["constraints", []],
	["diversity_penalty", [0]],
	["dola_layers", []],
	["encoder_repetition_penalty", [1]],
	["epsilon_cutoff", [0]],
	["eta_cutoff", [0]],
	["exponential_decay_length_penalty", []],
	["force_words_ids", []],
	["guidance_scale", [1]],
	["max_time", []],
	["num_beam_groups", [1]],
	["penalty_alpha", [0]],
	["prompt_lookup_num_tokens", []],
	["remove_invalid_values", [false]],
	["renormalize_logits", [false]],
	["sequence_bias", []],
	["stop_strings", []],
	["token_healing", [false]],
	["top_h", []],
	["use_mtp", [false]],
	["watermarking_config", []],
]);

/** Fields of generation_config.json that change no text: how it is computed, what else is returned, where the file comes from. */
export const fieldsWithoutEffect: ReadonlySet<string> = new Set([
	"_commit_hash",
	"_from_model_config",
	"assistant_confidence_threshold",
	"assistant_ensemble_weight",
	"assistant_lookbehind",
	"cache_config",
	"cache_implementation",
	"compile_config",
	"continuous_batching_config",
	"disable_compile",
	"is_assistant",
	"is_encoder_decoder",
	"low_memory",
	"max_cache_len",
	"max_matching_ngram_size",
	"num_assistant_tokens",
	"num_assistant_tokens_schedule",
	"output_attentions",
	"output_hidden_states",
	"output_logits",
	"output_scores",
	"prefill_chunk_size",
	"return_dict_in_generate",
	"speculation_type",
	"target_lookbehind",
	"transformers_version",
	"use_cache",
]);

import { OptionError } from "../../errors.js";
import { describe } from "../../ops/operands.js";

/** A config.json as it was read. */
export type ConfigJson = Readonly<Record<string, unknown>>;

/** Fields that change no result: how weights were first drawn, what a file was made with, what callers ask for themselves. */
const withoutEffect = new Set([
	"_attn_implementation",
	"_attn_implementation_autoset",
	"_from_model_config",
	"_name_or_path",
	"architectures",
	"chunk_size_feed_forward",
	"chunk_size_lm_head",
	"dtype",
	"finetuning_task",
	"gradient_checkpointing",
	"init_std",
	"initializer_factor",
	"initializer_range",
	"language",
	"model_type",
	"name",
	"onnx_export",
	"output_attentions",
	"output_hidden_states",
	"output_past",
	"return_dict",
	"task_specific_params",
	"tokenizer_class",
	"torch_dtype",
	"torchscript",
	"transformers.js_config",
	"transformers_version",
	"use_cache",
]);

/** Ids of special tokens: tokenizers and generation go by their own files, and an architecture asks for those that it needs. */
const ofTokens = new Set([
	"bos_token_id",
	"cls_token_id",
	"eos_token_id",
	"mask_token_id",
	"pad_token_id",
	"sep_token_id",
	"unk_token_id",
]);

/** Fields of generation that older files keep in config.json; `generationSettings` reads them there. */
const ofGeneration = new Set([
	"bad_words_ids",
	"decoder_start_token_id",
	"diversity_penalty",
	"do_sample",
	"early_stopping",
	"encoder_no_repeat_ngram_size",
	"exponential_decay_length_penalty",
	"force_bos_token_to_be_generated",
	"forced_bos_token_id",
	"forced_eos_token_id",
	"length_penalty",
	"max_length",
	"max_new_tokens",
	"min_length",
	"no_repeat_ngram_size",
	"num_beam_groups",
	"num_beams",
	"num_return_sequences",
	"output_scores",
	"prefix",
	"remove_invalid_values",
	"repetition_penalty",
	"return_dict_in_generate",
	"suppress_tokens",
	"begin_suppress_tokens",
	"temperature",
	"top_k",
	"top_p",
	"typical_p",
]);

/**
 * Reads the fields of a config.json one by one. `finish` refuses the file if it has a field that nothing asked for: what is not
 * supported is named, never ignored.
 */
export class ConfigFields {
	readonly #asked = new Set<string>();

	/** @param source where the file is, for errors */
	constructor(
		readonly source: string,
		readonly json: ConfigJson,
	) {}

	/** The field as it is; undefined if it is absent or null. */
	optional(name: string): unknown {
		this.#asked.add(name);
		return Object.hasOwn(this.json, name) ? (this.json[name] ?? undefined) : undefined;
	}

	/** A finite number. Without a default the field must be there. */
	number(name: string, { fallback, min, max }: { fallback?: number; min?: number; max?: number } = {}): number {
		const value = this.optional(name) ?? fallback;
		const fits =
			typeof value === "number" && Number.isFinite(value) && value >= (min ?? value) && value <= (max ?? value);
		if (!fits)
			this.fail(
				name,
				value,
				`a number${min === undefined ? "" : ` of at least ${min}`}${max === undefined ? "" : ` of at most ${max}`}`,
			);
		return value as number;
	}

	/** An integer from `min` (default 1) to `max` (default 2^31 - 1). */
	integer(
		name: string,
		{ fallback, min = 1, max = 2 ** 31 - 1 }: { fallback?: number; min?: number; max?: number } = {},
	): number {
		const value = this.optional(name) ?? fallback;
		if (!isInteger(value, min)) this.fail(name, value, `an integer of at least ${min}`);
		if (value > max) this.fail(name, value, `at most ${max}`);
		return value;
	}

	/** A share such as a rate of dropout, 0 to 1. */
	share(name: string, fallback: number): number {
		return this.number(name, { fallback, min: 0, max: 1 });
	}

	/** A token id, or undefined if the model has no such token. */
	tokenId(name: string): number | undefined {
		const value = this.optional(name);
		if (value !== undefined && !isInteger(value, 0)) this.fail(name, value, "a token id");
		return value as number | undefined;
	}

	/** Integers of at least `min` (default 1), as many as there are. */
	integers(
		name: string,
		{ fallback, min = 1 }: { fallback?: readonly number[]; min?: number } = {},
	): readonly number[] {
		const value = this.optional(name) ?? fallback;
		if (!Array.isArray(value) || !value.every((entry) => isInteger(entry, min)))
			this.fail(name, value, `a list of integers of at least ${min}`);
		return value as readonly number[];
	}

	flag(name: string, fallback: boolean): boolean {
		const value = this.optional(name) ?? fallback;
		if (typeof value !== "boolean") this.fail(name, value, "true or false");
		return value as boolean;
	}

	/** One of several texts. */
	choice<T extends string>(name: string, choices: readonly T[], fallback?: T): T {
		const value = this.optional(name) ?? fallback;
		if (!choices.includes(value as T)) this.fail(name, value, choices.map((choice) => `"${choice}"`).join(" or "));
		return value as T;
	}

	/** Refuses the file if the field is there with another value than the only one supported. */
	only(name: string, supported: unknown): void {
		const value = this.optional(name);
		if (value !== undefined && JSON.stringify(value) !== JSON.stringify(supported))
			this.fail(name, value, `${JSON.stringify(supported)}, the only one supported`);
	}

	/** Marks fields that have no effect on what this architecture computes. */
	ignore(...names: readonly string[]): void {
		for (const name of names) this.#asked.add(name);
	}

	/** @throws OptionError naming every field that nothing asked for, unless it is null */
	finish(): void {
		const unknown = Object.keys(this.json).filter(
			(name) =>
				!this.#asked.has(name) &&
				![withoutEffect, ofTokens, ofGeneration].some((known) => known.has(name)) &&
				this.json[name] !== null,
		);
		if (unknown.length > 0)
			throw new OptionError(
				`${this.source}: ${unknown.map((name) => `"${name}"`).join(", ")} ${unknown.length === 1 ? "is no field" : "are no fields"} that ${describe(this.json.model_type)} supports here; remove what has no effect on the model, or use another checkpoint`,
			);
	}

	fail(name: string, value: unknown, expected: string): never {
		throw new OptionError(`${this.source}: "${name}" is ${JSON.stringify(value)}; expected ${expected}`);
	}
}

function isInteger(value: unknown, min: number): value is number {
	return Number.isInteger(value) && (value as number) >= min && (value as number) < 2 ** 31;
}

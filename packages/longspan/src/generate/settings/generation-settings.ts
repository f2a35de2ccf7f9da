import { OptionError } from "../../errors.js";
import { checkObject, checkOptions } from "../../ops/operands.js";
import { generationChecks } from "./check-options.js";
import { fieldsWithoutEffect, generationFields, unsupportedFields } from "./generation-fields.js";
import type { GenerationOptions, GenerationSettings } from "./generation-options.js";
import { generationOptionNames, resolveGenerationOptions } from "./resolve-options.js";

type Json = Readonly<Record<string, unknown>>;
type Read = { -readonly [name in keyof GenerationOptions]?: GenerationOptions[name] };

/**
 * How a checkpoint is to generate: what the caller says, else its generation_config.json, else the defaults of transformers.
 * Checkpoints without that file keep the fields in config.json; ids of special tokens are looked up there in any case.
 *
 * @param generationConfig generation_config.json as it was read; empty if there is none
 * @param config config.json as it was read
 * @param given what the caller says; null says that there is no such token
 * @param task looks in `task_specific_params` of config.json first, as transformers' pipeline of this name does, such as "summarization"
 * @throws OptionError for a field that is unknown, not supported (constraints, groups of beams, contrastive search …) or out of its range,
 * and for options as `generateTokens`
 */
export function generationSettings(
	generationConfig: Json,
	config: Json,
	given: GenerationOptions = {},
	task?: string,
): GenerationSettings {
	checkObject("generationSettings", "generationConfig", generationConfig);
	checkObject("generationSettings", "config", config);
	checkOptions("generationSettings", given, generationOptionNames, "given");
	const own = Object.keys(generationConfig).length > 0;
	const read: Read = own
		? { ...specialTokens(readFields("config.json", config)), ...readAll(generationConfig) }
		: readFields("config.json", config);
	// Before forced_bos_token_id there was this flag.
	if (!own && config.force_bos_token_to_be_generated === true && read.bosTokenId !== undefined)
		read.forcedBosTokenId ??= read.bosTokenId;
	if (task !== undefined) Object.assign(read, readTask(config, task));
	for (const [name, value] of Object.entries(given)) if (value !== undefined) Object.assign(read, { [name]: value });
	return resolveGenerationOptions(task ?? "generationSettings", read);
}

/** The fields of generation among all of a file that are not null. */
function readFields(source: string, json: Json): Read {
	const read: Record<string, unknown> = {};
	for (const [field, value] of Object.entries(json)) {
		if (value === null || value === undefined) continue;
		const neutral = unsupportedFields.get(field);
		if (neutral && !neutral.includes(value))
			throw new OptionError(
				`${source}: "${field}" is ${JSON.stringify(value)}, which is not supported; remove it, or set it to ${JSON.stringify(neutral[0] ?? null)}`,
			);
		const option = generationFields.get(field);
		if (!option) continue;
		generationChecks[option](source, `"${field}"`, value);
		read[option] = value;
	}
	return read;
}

/** What `task_specific_params` has for a task. */
function readTask({ task_specific_params: tasks }: Json, task: string): Read {
	if (typeof tasks !== "object" || tasks === null || !Object.hasOwn(tasks, task)) return {};
	const own = (tasks as Json)[task];
	checkObject("config.json", `"task_specific_params.${task}"`, own);
	return readFields(`config.json: task_specific_params.${task}`, own as Json);
}

/** generation_config.json: nothing in it may be unknown. */
function readAll(json: Json): Read {
	const source = "generation_config.json";
	const unknown = Object.keys(json).filter(
		(field) =>
			!generationFields.has(field) &&
			!unsupportedFields.has(field) &&
			!fieldsWithoutEffect.has(field) &&
			json[field] !== null,
	);
	if (unknown.length > 0)
		throw new OptionError(
			`${source}: ${unknown.map((field) => `"${field}"`).join(", ")} ${unknown.length === 1 ? "is no field" : "are no fields"} of generation known here; remove what has no effect on the text`,
		);
	return readFields(source, json);
}

function specialTokens({ bosTokenId, eosTokenId, padTokenId, decoderStartTokenId }: Read): Read {
	return { bosTokenId, eosTokenId, padTokenId, decoderStartTokenId };
}

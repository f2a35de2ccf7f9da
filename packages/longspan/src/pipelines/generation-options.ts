import { OptionError } from "../errors.js";
import { generationFields } from "../generate/settings/generation-fields.js";
import type { GenerationOptions, GenerationSettings } from "../generate/settings/generation-options.js";
import { generationSettings } from "../generate/settings/generation-settings.js";
import { generationOptionNames } from "../generate/settings/resolve-options.js";
import { checkObject } from "../ops/operands.js";
import type { PipelineContext } from "./reading.js";

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
	? First extends Lowercase<First>
		? `${First}${SnakeCase<Rest>}`
		: `_${Lowercase<First>}${SnakeCase<Rest>}`
	: Name;

/** Options of generation, by their names in camel case or as transformers.js writes them: `maxNewTokens` or `max_new_tokens`. */
export type GenerationCallOptions = GenerationOptions & {
	[name in keyof GenerationOptions as SnakeCase<name>]?: GenerationOptions[name];
};

/**
 * Parts the options of a call into those of generation and the others.
 *
 * @param others names of the others
 * @throws OptionError for an unknown option, and one that is given by both its names
 */
export function splitOptions<Options extends object>(
	name: string,
	options: Options & GenerationCallOptions,
	others: { readonly [option in keyof Options]-?: true },
): { own: Options; generation: GenerationOptions } {
	checkObject(name, "options", options);
	const own: Record<string, unknown> = {};
	const generation: Record<string, unknown> = {};
	for (const [given, value] of Object.entries(options)) {
		if (Object.hasOwn(others, given)) {
			own[given] = value;
			continue;
		}
		const option = generationFields.get(given) ?? given;
		if (!Object.hasOwn(generationOptionNames, option))
			throw new OptionError(
				`${name}: ${given} is no option; expected ${[...Object.keys(others), ...generationFields.keys(), "seed"].join(", ")}`,
			);
		if (generation[option] !== undefined)
			throw new OptionError(`${name}: ${given} is given twice; expected it by one of its names`);
		generation[option] = value;
	}
	return { own: own as Options, generation };
}

/** How the model of a pipeline is to generate: as the call says, else as its checkpoint does. */
export function settingsOf({ name, model }: PipelineContext, generation: GenerationOptions): GenerationSettings {
	return generationSettings(model.generationConfig, model.config, generation, name);
}

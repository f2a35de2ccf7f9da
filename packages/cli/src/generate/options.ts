import { parseDeviceOptions, type RawDeviceOptions } from "../device-options.js";
import { UsageError } from "../errors.js";
import { parseInteger, parseNumber } from "../parse-number.js";
import type { GenerateSettings } from "./settings.js";

/** Options as the command line gives them. */
export interface RawGenerateOptions extends RawDeviceOptions {
	prompt?: string;
	promptFile?: string;
	tokens?: string;
	temperature: string;
	topK?: string;
	topP: string;
	seed: string;
	stream: boolean;
	json: boolean;
}

/** Values of options that are not given. */
export const generateDefaults = { tokens: 200, temperature: "1", topP: "1", seed: "0" } as const;

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseGenerateOptions(model: string, raw: RawGenerateOptions): GenerateSettings {
	if (model === "") throw new UsageError("DIR: the path is empty");
	if (raw.stream && raw.json)
		throw new UsageError("--stream: --json prints one document at the end; expected one of the two");
	return {
		model,
		prompt: parsePrompt(raw),
		tokens: raw.tokens === undefined ? null : parseInteger("--tokens", raw.tokens, 1),
		temperature: parseNumber("--temperature", raw.temperature),
		topK: raw.topK === undefined ? null : parseInteger("--top-k", raw.topK, 1),
		topP: parseTopP(raw.topP),
		seed: parseInteger("--seed", raw.seed, 0),
		stream: raw.stream,
		json: raw.json,
		...parseDeviceOptions(raw),
	};
}

function parsePrompt({ prompt, promptFile }: RawGenerateOptions): GenerateSettings["prompt"] {
	if (prompt !== undefined && promptFile !== undefined)
		throw new UsageError("--prompt: there is --prompt-file, too; expected one of the two");
	if (promptFile === "") throw new UsageError("--prompt-file: the path is empty");
	if (promptFile !== undefined) return { file: promptFile };
	if (prompt === undefined)
		throw new UsageError('there is no prompt; expected --prompt or --prompt-file, such as --prompt "Once"');
	if (prompt === "")
		throw new UsageError(
			"--prompt: the text is empty; expected at least one character, if only a space, to begin with",
		);
	return { text: prompt };
}

function parseTopP(text: string): number {
	const value = text.trim() === "" ? Number.NaN : Number(text);
	if (value > 0 && value <= 1) return value;
	throw new UsageError(`--top-p: "${text}" is not valid; expected a number above 0 and of at most 1`);
}

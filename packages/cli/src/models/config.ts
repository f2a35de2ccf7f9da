import { InputError } from "../errors.js";

/** What a saved model is, beside its weights. */
export interface ModelConfig {
	/** As on the command line, such as `window:256`. */
	readonly attention: string;
	readonly causal: boolean;
	readonly vocabularySize: number;
	readonly maxLength: number;
	readonly dim: number;
	readonly layers: number;
	readonly heads: number;
}

/** Names of the files in the folder of a model. */
export const modelFiles = { config: "config.json", weights: "model.safetensors" } as const;

const format = "longspan-language-model";
const version = 1;
const sizes = ["vocabularySize", "maxLength", "dim", "layers", "heads"] as const;
/** Far beyond what can be trained here; keeps a damaged file from asking for all memory there is. */
const largestSize = 2 ** 24;

/** The configuration as the text of its file. */
export function configText(config: ModelConfig): string {
	return `${JSON.stringify({ format, version, ...config }, null, "\t")}\n`;
}

/** Reads a configuration. Throws `InputError`, naming the file and what is wrong with it. */
export function parseConfig(text: string, path: string): ModelConfig {
	const fail = (problem: string): never => {
		throw new InputError(`"${path}" is no model of longspan: ${problem}`);
	};
	let found: unknown;
	try {
		found = JSON.parse(text);
	} catch {
		return fail("it is no JSON");
	}
	if (typeof found !== "object" || found === null) return fail("it is no JSON object");
	const fields = found as Record<string, unknown>;
	const told = (name: string) => `${name} is ${JSON.stringify(fields[name])}; expected`;
	if (fields.format !== format) return fail(`${told("format")} "${format}"`);
	if (fields.version !== version)
		return fail(`${told("version")} ${version}: read it with the longspan that saved it, or train it again`);
	if (typeof fields.attention !== "string") return fail(`${told("attention")} a text such as "window:256"`);
	if (typeof fields.causal !== "boolean") return fail(`${told("causal")} true or false`);
	for (const size of sizes) {
		const value = fields[size];
		if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > largestSize)
			return fail(`${told(size)} an integer from 1 to ${largestSize}`);
	}
	const { attention, causal, vocabularySize, maxLength, dim, layers, heads } = fields as unknown as ModelConfig;
	return { attention, causal, vocabularySize, maxLength, dim, layers, heads };
}

import type { LanguageModelOptions } from "longspan";
import { InputError } from "../errors.js";
import { type Check, check, flag, integer, listOf, oneOf, orNull, record } from "./checks.js";

type Option<Name extends keyof LanguageModelOptions> = NonNullable<LanguageModelOptions[Name]>;

/** What a saved model is, beside its weights: everything `languageModel` takes. */
export interface ModelConfig {
	/** As on the command line, such as `window:256` or `local,reformer`. */
	readonly attention: string;
	readonly vocabularySize: number;
	/** Longest sequence; null where neither positions nor training set one. */
	readonly maxLength: number | null;
	readonly dim: number;
	readonly layers: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly positions: Option<"positions">;
	readonly norm: Option<"norm">;
	readonly feedForward: {
		/** null: the library's default for the activation. */
		readonly hidden: number | null;
		readonly activation: NonNullable<Option<"feedForward">["activation"]>;
		readonly chunkLength: number | null;
	};
	readonly dropout: number;
	readonly activations: Option<"activations">;
	/** null unless the activations are reversible. */
	readonly streamMerge: Option<"streamMerge"> | null;
	readonly recurrence: Option<"recurrence"> | null;
	readonly tieWeights: boolean;
	/** Name of the tokenizer's file in the same folder; null if tokens are bytes. */
	readonly tokenizer: string | null;
}

/** Names of the files in the folder of a model. */
export const modelFiles = {
	config: "config.json",
	weights: "model.safetensors",
	tokenizer: "tokenizer.json",
} as const;

/** Number of tokens where they are bytes. */
export const byteValues = 256;

const format = "longspan-language-model";
const version = 2;

type Needed = "attention" | "dim" | "layers" | "heads" | "maxLength";

/** A configuration with the defaults of `languageModel` for what is not given: a byte model with learned positions. */
export function modelConfig(given: Pick<ModelConfig, Needed> & Partial<Omit<ModelConfig, Needed>>): ModelConfig {
	const activations = given.activations ?? "stored";
	const streamMerge = given.streamMerge ?? (activations === "reversible" ? "averaged" : null);
	return {
		vocabularySize: byteValues,
		keyValueHeads: given.heads,
		positions: "learned",
		norm: "pre",
		feedForward: { hidden: null, activation: "gelu", chunkLength: null },
		dropout: 0,
		recurrence: null,
		tieWeights: streamMerge !== "concatenated",
		tokenizer: null,
		...given,
		activations,
		streamMerge,
	};
}

/** The longest sequence a model takes: where its table of positions ends; null without one. */
export function longestSequence({ positions, maxLength }: Pick<ModelConfig, "positions" | "maxLength">): number | null {
	if (typeof positions === "object") return positions.axial.shape.reduce((a, b) => a * b, 1);
	return positions === "learned" ? maxLength : null;
}

/** Far beyond what can be trained here; keeps a damaged file from asking for all memory there is. */
const size = integer(1, 2 ** 24);

const share = check("a number from 0 to below 1", (value) => typeof value === "number" && value >= 0 && value < 1);
const fraction = check("a number from 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1);
const weight = check("a number of at least 0", (value) => typeof value === "number" && value >= 0);

const namedPositions = ["learned", "sinusoidal", "rotary", "none"] as const;
const axial = record(
	{ axial: record({ shape: listOf(size) }, { combine: oneOf("concatenated", "summed"), dims: listOf(size) }) },
	{},
);
const positions: Check = (value, path) =>
	typeof value === "object" && value !== null ? axial(value, path) : oneOf(...namedPositions)(value, path);

const recurrence = record(
	{},
	{
		halting: record(
			{},
			{
				accumulation: oneOf("basic", "accumulated"),
				threshold: fraction,
				haltedState: oneOf("transformed", "frozen"),
				forceRemainder: flag,
			},
		),
		timing: orNull(record({}, { layout: oneOf("interleaved", "halves"), step: oneOf("sinusoidal", "learned") })),
		ponderWeight: weight,
	},
);

const fields: Readonly<Record<keyof ModelConfig, Check>> = {
	attention: check('a text such as "window:256"', (value) => typeof value === "string"),
	vocabularySize: size,
	maxLength: orNull(size),
	dim: size,
	layers: size,
	heads: size,
	keyValueHeads: size,
	positions,
	norm: oneOf("pre", "post"),
	feedForward: record({
		hidden: orNull(size),
		activation: oneOf("gelu", "relu", "silu", "glu", "geglu", "swiglu"),
		chunkLength: orNull(size),
	}),
	dropout: share,
	activations: oneOf("stored", "checkpointed", "reversible"),
	streamMerge: orNull(oneOf("averaged", "concatenated")),
	recurrence: orNull(recurrence),
	tieWeights: flag,
	// A name alone: a file beside the configuration, not anywhere else.
	tokenizer: orNull(oneOf(modelFiles.tokenizer)),
};

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
	const { format: ownFormat, version: ownVersion, ...rest } = found as Record<string, unknown>;
	const expected = (name: string, value: unknown, text: string) =>
		`${name} is ${JSON.stringify(value)}; expected ${text}`;
	if (ownFormat !== format) return fail(expected("format", ownFormat, `"${format}"`));
	if (ownVersion !== version)
		return fail(
			`${expected("version", ownVersion, `${version}`)}: read it with the longspan that saved it, or train it again`,
		);
	const problem = record(fields)(rest, "");
	return problem === null ? (rest as unknown as ModelConfig) : fail(problem);
}

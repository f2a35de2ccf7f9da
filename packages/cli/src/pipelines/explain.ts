import { OptionError } from "longspan";
import { InputError } from "../errors.js";

/** Functions that begin messages with their names, which say nothing to readers of a command. */
const callers = [
	"fromPretrained",
	"lengthenCheckpoint",
	"saveCheckpoint",
	"pipeline",
	"feature-extraction",
	"fill-mask",
	"question-answering",
	"summarization",
	"text-classification",
	"text-generation",
	"text2text-generation",
	"token-classification",
	"zero-shot-classification",
];
const caller = new RegExp(`^(?:${callers.join("|")}): `);

/** Options of the library that are named in messages in one way only, in camel or snake case. */
const options = [
	...[
		"aggregationStrategy",
		"batchSize",
		"blockSize",
		"cacheDir",
		"earlyStopping",
		"hypothesisTemplate",
		"ignoreLabels",
	],
	...["lengthPenalty", "maskToken", "maxAnswerLen", "maxLength", "maxNewTokens", "minLength", "minNewTokens"],
	...["noRepeatNgramSize", "numBeams", "repetitionPenalty", "topK", "topP"],
];
const spaced = (name: string, separator: string) =>
	name.replace(/[A-Z]/g, (letter) => `${separator}${letter.toLowerCase()}`);

const replacements: readonly (readonly [pattern: RegExp, replacement: string])[] = [
	[caller, ""],
	[/load the checkpoint as the class it was saved as, or give drawMissing .* there/, "expected a model for this task"],
	[/\boverflow: "(\w+)"/g, "--overflow $1"],
	[/\b(length|overflow|stride|window)(?= is )/g, "--$1"],
	[/\blocalFilesOnly( \(HF_HUB_OFFLINE\))?/g, "--offline"],
	[/\bcandidate_labels\b/g, "--labels"],
	...options.map(
		(name) => [new RegExp(`\\b(?:${name}|${spaced(name, "_")})\\b`, "g"), `--${spaced(name, "-")}`] as const,
	),
];

/** An error of the library about what it was asked for, in terms of the command line; others as they are. */
export function inCommandTerms(error: unknown): unknown {
	if (!(error instanceof OptionError)) return error;
	const message = replacements.reduce(
		(text, [pattern, replacement]) => text.replace(pattern, replacement),
		error.message,
	);
	return new InputError(message, { cause: error });
}

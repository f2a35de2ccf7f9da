import { Command } from "commander";
import { addDeviceOptions } from "../device-options.js";
import { generateDefaults, parseGenerateOptions, type RawGenerateOptions } from "./options.js";
import { runGenerate } from "./run.js";

/** The verb `generate` with its options. */
export function generateCommand(): Command {
	const command = new Command("generate")
		.summary("go on with a text by a trained model")
		.description(
			"Goes on with a prompt, token by token, by a model that `longspan train` or `longspan compare --save-models` made. What follows the prompt goes to stdout, the speed and the size of the model's memory of the text to stderr. The same model, prompt, options and seed give the same text.",
		)
		.argument("<DIR>", "folder of a saved model, or of a training run (its best checkpoint)")
		.option("--prompt <text>", "text to go on with")
		.option("--prompt-file <file>", "file with that text; - for standard input")
		.option(
			"--tokens <count>",
			`the most tokens to generate (default: ${generateDefaults.tokens}, or fewer if the model's positions end before)`,
		)
		.option(
			"--temperature <number>",
			"below 1: likelier tokens, above 1: others; 0: always the likeliest",
			generateDefaults.temperature,
		)
		.option("--top-k <count>", "draw from so many of the likeliest tokens only; default: from all")
		.option(
			"--top-p <share>",
			"draw from the likeliest tokens that make up this share of the probability",
			generateDefaults.topP,
		)
		.option("--seed <number>", "seed of the random numbers", generateDefaults.seed)
		.option("--stream", "write the text as it comes", false)
		.option("--json", "print one JSON document and nothing else on stdout", false);
	return addDeviceOptions(command).action((folder: string, raw: RawGenerateOptions) =>
		runGenerate(parseGenerateOptions(folder, raw)),
	);
}

import { Command } from "commander";
import { addDeviceOptions } from "../device-options.js";
import { evaluateDefaults, parseEvaluateOptions, type RawEvaluateOptions } from "./options.js";
import { runEvaluate } from "./run.js";

/** The verb `evaluate` with its options. */
export function evaluateCommand(): Command {
	const command = new Command("evaluate")
		.summary("bits per byte of a trained model on files")
		.description(
			"How well does a model predict your files? Splits them into windows and tells the mean cross-entropy of every token but the first of each window, given those before it in the window, and the same in bits per byte.",
		)
		.argument("<DIR>", "folder of a saved model, or of a training run (its best checkpoint)")
		.argument(
			"[FILES...]",
			"files, folders and patterns to predict; default: the held-out parts of the sources and docs of longspan itself",
		)
		.option("--held-out", "only the last tenth of each file, which training on it leaves out", false)
		.option(
			"--length <tokens>",
			`tokens predicted in a window (default: as many as the model has positions for, or ${evaluateDefaults.length}; fewer where the files are shorter)`,
		)
		.option(
			"--windows <count>",
			"the most windows; where there are more, they are spread evenly",
			evaluateDefaults.windows,
		)
		.option("--json", "print one JSON document and nothing else on stdout", false);
	return addDeviceOptions(command).action((folder: string, files: string[], raw: RawEvaluateOptions) =>
		runEvaluate(parseEvaluateOptions(folder, files, raw)),
	);
}

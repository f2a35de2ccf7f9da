import { Command } from "commander";
import { parseSpectrumOptions, type RawSpectrumOptions, spectrumDefaults } from "./options.js";
import { runSpectrum } from "./run.js";

/** The verb `inspect spectrum` with its options. */
export function spectrumCommand(): Command {
	return new Command("spectrum")
		.summary("singular values of a trained model's attention matrices")
		.description(
			"How many dimensions does the attention of a trained model use? Runs a model that `longspan train` or `longspan compare --save-models` saved over windows of a file and shows the normalised cumulative singular values of its attention matrices, by layer and head.",
		)
		.requiredOption("--model <folder>", "folder of a saved model or of a training run")
		.requiredOption("--data <file>", "file or folder to run it on, read as bytes")
		.option("--length <bytes>", `window length (default: ${spectrumDefaults.length}, or what the model takes)`)
		.option("--windows <count>", "windows to average over, spread over the data", spectrumDefaults.windows)
		.option("--out <file>", "where to draw: a picture (.svg) or a page (.html)")
		.option("--json", "print one JSON document and nothing else on stdout", false)
		.action((raw: RawSpectrumOptions) => runSpectrum(parseSpectrumOptions(raw)));
}

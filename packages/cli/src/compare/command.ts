import { Command } from "commander";
import { describeRegistry } from "../attentions/choices.js";
import { addDeviceOptions } from "../device-options.js";
import { defaults, parseOptions, type RawOptions } from "./options.js";
import { runCompare } from "./run.js";

/** The verb `compare` with its options. */
export function compareCommand(): Command {
	const command = new Command("compare")
		.summary("measure and train attentions side by side")
		.description(
			"Which attention fits your sequence length, your data and this machine? Measures time, memory and work over a range of lengths against exact attention, and trains the same small byte-level model with each attention on your files.",
		)
		.argument(
			"[FILES...]",
			"files and folders to train on, read as bytes; default: the sources and docs of longspan itself",
		)
		.option("--attentions <list>", "attentions, separated by commas (see below), or all", defaults.attentions)
		.option("--lengths <list>", "sequence lengths, such as 1024,2048 or 1k,2k", defaults.lengths)
		.option("--heads <count>", "heads of the measured attention", defaults.heads)
		.option("--head-dim <size>", "width of a head", defaults.headDim)
		.option("--batch <count>", "sequences at once", defaults.batch)
		.option("--no-causal", "measure attention to both sides; training is always causal")
		.option("--backward", "measure forward + backward too", false)
		.option("--repeat <count>", "timed calls per median, fewer where a call takes seconds", defaults.repeat)
		.option(
			"--max-seconds <seconds>",
			"skip lengths at which one call would take longer; 0: never",
			defaults.maxSeconds,
		)
		.option("--train <steps>", "training steps per attention; 0: no training", defaults.train)
		.option("--train-length <bytes>", "sequence length in training", defaults.trainLength)
		.option("--train-batch <count>", "sequences per training step", defaults.trainBatch)
		.option(
			"--save-models <folder>",
			"save the trained models there, for longspan generate, evaluate and inspect spectrum",
		)
		.option("--seed <number>", "seed of the inputs, the weights and the order of the data", defaults.seed);
	return addDeviceOptions(command)
		.option("--report <path>", "where to write the report, one HTML page", defaults.report)
		.option("--no-report", "write no report")
		.option("--json", "print one JSON document and nothing else on stdout", false)
		.addHelpText(
			"after",
			`\nAttentions (options after colons, such as window:512 or window:512:dilation=4):\n${describeRegistry()}`,
		)
		.action((files: string[], raw: RawOptions) => runCompare(parseOptions(files, raw)));
}

import { Command } from "commander";
import { lengthenDefaults, parseLengthenOptions, type RawLengthenOptions } from "./options.js";
import { runLengthen } from "./run.js";

/** The verb `lengthen` with its options. */
export function lengthenCommand(): Command {
	const { to, window, blockSize, randomBlocks, dtype } = lengthenDefaults;
	return new Command("lengthen")
		.summary("turn a BERT or RoBERTa into a Longformer or BigBird for longer texts")
		.description(
			"Turns a checkpoint of BERT or RoBERTa into one of Longformer or BigBird, as Longformer came from RoBERTa: its positions are repeated, and the projections of global tokens begin as those of the window. The result takes longer texts at once, and gets better at them by training: longspan train --init.",
		)
		.requiredOption("--model <id>", "id of a model of the Hugging Face Hub, or a folder with its files")
		.requiredOption("--length <tokens>", "longest text of the new model, such as 4096")
		.requiredOption("--out <folder>", "where the new model goes: a folder that is not there, or empty")
		.option("--to <kind>", "longformer or bigbird", to)
		.option("--window <tokens>", `longformer: tokens that a token sees (default: ${window})`)
		.option("--block-size <tokens>", `bigbird: tokens of a block (default: ${blockSize})`)
		.option("--random-blocks <count>", `bigbird: random blocks that a block sees (default: ${randomBlocks})`)
		.option("--dtype <name>", "of the weights in the files: float32, float16 or bfloat16", dtype)
		.option("--revision <name>", "branch, tag or commit of the Hub; default: main")
		.option("--cache-dir <folder>", "where downloads are kept; default: the cache of Python's huggingface_hub")
		.option("--offline", "use only what was downloaded before", false)
		.option("--json", "print one JSON document and nothing else on stdout", false)
		.action((raw: RawLengthenOptions) => runLengthen(parseLengthenOptions(raw)));
}

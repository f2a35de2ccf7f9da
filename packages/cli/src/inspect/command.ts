import { Command } from "commander";
import { describeRegistry } from "../attentions/choices.js";
import { inspectDefaults, parseInspectOptions, type RawInspectOptions } from "./options.js";
import { runInspect } from "./run.js";
import { spectrumCommand } from "./spectrum/command.js";

/** The verb `inspect` with its options. */
export function inspectCommand(): Command {
	const command = new Command("inspect")
		.summary("show what a pattern of attention is")
		.description(
			"What does an attention see? Draws which pairs of tokens it connects, counts them, follows how many layers lie between two tokens, and tells what it costs and remembers.",
		)
		.argument("<ATTENTION>", "an attention with its options, such as window:64 (see below)")
		.option("--length <tokens>", "sequence length", inspectDefaults.length)
		.option("--heads <count>", "heads", inspectDefaults.heads)
		.option("--causal", "its causal form", false)
		.option("--layers <count>", "layers to follow tokens through", inspectDefaults.layers)
		.option("--out <file>", "where to draw: a picture (.svg) or a page (.html)")
		.option("--json", "print one JSON document and nothing else on stdout", false)
		.addHelpText(
			"after",
			`\nAttentions (options after colons, such as window:512 or window:512:dilation=4):\n${describeRegistry()}`,
		)
		.action((attention: string, raw: RawInspectOptions) => runInspect(parseInspectOptions(attention, raw)));
	command.addCommand(spectrumCommand());
	return command;
}

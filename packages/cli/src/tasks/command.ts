import { Command } from "commander";
import { UsageError } from "../errors.js";
import { addModelOptions, parseModelOptions, type RawModelOptions } from "../pipelines/model-options.js";
import { addReadingOptions, parseReadingOptions, type RawReadingOptions } from "../pipelines/reading-options.js";
import { answer } from "./answer.js";
import { classify } from "./classify.js";
import type { TaskVerb } from "./document-task.js";
import { embed } from "./embed.js";
import { fillMask } from "./fill-mask.js";
import { ner } from "./ner.js";
import { runTask } from "./run.js";
import { summarize } from "./summarize.js";

interface RawTaskOptions extends RawModelOptions, RawReadingOptions {
	out?: string;
	json: boolean;
}

/** The verbs that run pretrained models over documents. */
export function taskCommands(): Command[] {
	return [
		taskCommand(embed),
		taskCommand(classify),
		taskCommand(ner),
		taskCommand(fillMask),
		taskCommand(answer),
		taskCommand(summarize),
	];
}

function taskCommand<Raw>(verb: TaskVerb<Raw>): Command {
	const command = new Command(verb.name)
		.summary(verb.summary)
		.description(
			`${verb.description} Reads text, Markdown, HTML (the article of a page) and PDF. The result of one file is printed for people; of several files, one JSON line for each.`,
		)
		.argument("<FILES...>", "files, patterns, and folders (their .txt, .md, .html and .pdf); - for standard input");
	verb.addOptions(command);
	addReadingOptions(command)
		.option("--json", "print the result of one file as JSON, too", false)
		.option(
			"--out <file>",
			"add JSON lines to this file instead; files whose results it has are passed over, unless they, the model or the options have changed",
		);
	return addModelOptions(command).action((files: string[], raw: RawTaskOptions & Raw) => {
		if (files.includes("")) throw new UsageError("FILES: the path is empty");
		if (raw.out?.trim() === "") throw new UsageError("--out: the path is empty");
		return runTask({
			verb: verb.name,
			task: verb.parse(raw),
			reading: parseReadingOptions(raw),
			files,
			out: raw.out ?? null,
			json: raw.json,
			...parseModelOptions(raw),
		});
	});
}

#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { compareCommand } from "./compare/command.js";
import { describeError, exitCode, InputError, oneLine } from "./errors.js";
import { evaluateCommand } from "./evaluate/command.js";
import { generateCommand } from "./generate/command.js";
import { inspectCommand } from "./inspect/command.js";
import { lengthenCommand } from "./lengthen/command.js";
import { packageVersion } from "./package-info.js";
import { systemCause } from "./runs/durable-files.js";
import { serveCommand } from "./serve/command.js";
import { taskCommands } from "./tasks/command.js";
import { trainCommand } from "./train/command.js";

// A reader that has seen enough (`longspan … | head`) is no failure of ours, and no reason to end a run.
for (const stream of [process.stdout, process.stderr])
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") return;
		if (stream === process.stdout) process.stderr.write(`longspan: cannot write to stdout: ${systemCause(error)}\n`);
		process.exit(exitCode.failure);
	});

const program = new Command("longspan")
	.description("Attention with a long span: which one fits your sequences, your data and this machine?")
	.version(packageVersion())
	.configureOutput({ outputError: (text, write) => write(`longspan: ${oneLine(text).replace(/^error: /, "")}\n`) })
	// Options after a verb are those of the verb: `inspect` and `inspect spectrum` have some of the same names.
	.enablePositionalOptions()
	.exitOverride();
for (const command of [
	...[compareCommand(), inspectCommand(), trainCommand(), evaluateCommand(), generateCommand()],
	...taskCommands(),
	serveCommand(),
	lengthenCommand(),
]) {
	program.addCommand(command.copyInheritedSettings(program));
	for (const verb of command.commands) verb.copyInheritedSettings(program);
}

try {
	await program.parseAsync();
} catch (error) {
	if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCode.usage;
	else {
		process.stderr.write(`longspan: ${describeError(error)}\n`);
		process.exitCode = error instanceof InputError ? error.exitCode : exitCode.failure;
	}
}

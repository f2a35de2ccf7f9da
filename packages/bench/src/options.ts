import { parseArgs } from "node:util";
import { suites } from "./suites/index.js";
import { UsageError } from "./usage-error.js";

export interface Options {
	/** Names of the suites to run. */
	readonly names: readonly string[];
	readonly threads: number;
	readonly turbo: boolean;
	readonly json: string | undefined;
	readonly seconds: number;
	readonly help: boolean;
}

export const usage = `Usage: npm run bench -- [SUITE...] [options]

Suites (default: all)
${Object.entries(suites)
	.map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
	.join("\n")}

Options
  --threads N   threads of longspan and of the peers that have threads (default 2)
  --turbo       use the turbo build (Node 24 or later)
  --seconds N   time for each contestant of a comparison (default 5)
  --json PATH   also write the results as JSON
  --help        show this text`;

/** Reads the command line. Throws `UsageError`. */
export function parseOptions(args: string[]): Options {
	const { values, positionals } = parse(args);
	const names = positionals.length > 0 ? positionals : Object.keys(suites);
	for (const name of names)
		if (!Object.hasOwn(suites, name))
			throw new UsageError(`unknown suite "${name}"; there are ${Object.keys(suites).join(", ")}`);
	const threads = Number(values.threads);
	if (!Number.isInteger(threads) || threads < 1)
		throw new UsageError(`--threads is ${values.threads}; expected a positive integer`);
	const seconds = Number(values.seconds);
	if (!(seconds > 0) || !Number.isFinite(seconds))
		throw new UsageError(`--seconds is ${values.seconds}; expected a positive number`);
	return { names, threads, seconds, turbo: values.turbo, json: values.json, help: values.help };
}

function parse(args: string[]) {
	try {
		return parseArgs({
			args,
			allowPositionals: true,
			options: {
				threads: { type: "string", default: "2" },
				seconds: { type: "string", default: "5" },
				turbo: { type: "boolean", default: false },
				json: { type: "string" },
				help: { type: "boolean", default: false },
			},
		});
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

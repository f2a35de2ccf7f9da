import { isAbsolute, join } from "node:path";
import { UsageError } from "../errors.js";
import { flagOf, type GivenOptions, type RunOptions } from "./options.js";
import { parseRunOptions } from "./run-settings.js";
import type { RunState } from "./state.js";

/** Options that do not change what has been computed so far. */
const free: readonly (keyof RunOptions)[] = ["steps", "evaluateEvery", "saveEvery", "keep"];

/**
 * The options of a run that goes on: its own, and those given of the few that may change.
 *
 * @param folder of the run, for errors
 * @throws UsageError naming an option given that contradicts the run
 */
export function resumedOptions({ options: own, directory }: RunState, given: GivenOptions, folder: string): RunOptions {
	const saved: RunOptions = { ...own, ...fromDirectory(own, directory) };
	const meaning = (options: RunOptions) => JSON.stringify(parseRunOptions(options));
	for (const [name, value] of Object.entries(given) as [keyof RunOptions, unknown][]) {
		if (free.includes(name)) continue;
		// Not by the text: 4096 and 4k are the same.
		if (meaning({ ...saved, [name]: value }) !== meaning(saved))
			throw new UsageError(
				`${flagOf(name)}: ${told(value)} contradicts the run in "${folder}", which has ${told(own[name])}; leave it out, or start another run with --out`,
			);
	}
	const changed = Object.fromEntries(Object.entries(given).filter(([name]) => free.includes(name as keyof RunOptions)));
	return { ...saved, ...changed };
}

function told(value: unknown): string {
	if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return "none";
	return `"${Array.isArray(value) ? value.join(" ") : value}"`;
}

/** Paths of the run as they are to be found from here. */
function fromDirectory({ data }: RunOptions, directory: string): Pick<RunOptions, "data"> {
	if (directory === process.cwd()) return { data };
	return { data: data.map((path) => (isAbsolute(path) ? path : join(directory, path))) };
}

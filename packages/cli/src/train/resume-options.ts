import { isAbsolute, join } from "node:path";
import { UsageError } from "../errors.js";
import { flagOf } from "./options.js";

/** Options that do not change what has been computed so far. */
const free: readonly string[] = ["steps", "evaluateEvery", "saveEvery", "keep"];

/**
 * The options of a run that goes on: its own, and those given of the few that may change.
 *
 * @param folder of the run, for errors
 * @param parse what the options mean
 * @throws UsageError naming an option given that contradicts the run
 */
export function resumedOptions<Options extends { readonly data: readonly string[] }>(
	{ options: own, directory }: { readonly options: Options; readonly directory: string },
	given: Partial<Options>,
	folder: string,
	parse: (options: Options) => unknown,
): Options {
	const saved: Options = { ...own, data: fromDirectory(own.data, directory) };
	const meaning = (options: Options) => JSON.stringify(parse(options));
	for (const [name, value] of Object.entries(given)) {
		if (free.includes(name)) continue;
		// Not by the text: 4096 and 4k are the same.
		if (meaning({ ...saved, [name]: value }) !== meaning(saved))
			throw new UsageError(
				`${flagOf(name)}: ${told(value)} contradicts the run in "${folder}", which has ${told(own[name as keyof Options])}; leave it out, or start another run with --out`,
			);
	}
	return { ...saved, ...Object.fromEntries(Object.entries(given).filter(([name]) => free.includes(name))) };
}

function told(value: unknown): string {
	if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return "none";
	return `"${Array.isArray(value) ? value.join(" ") : value}"`;
}

/** Paths of the run as they are to be found from here. */
function fromDirectory(data: readonly string[], directory: string): readonly string[] {
	if (directory === process.cwd()) return data;
	return data.map((path) => (isAbsolute(path) ? path : join(directory, path)));
}

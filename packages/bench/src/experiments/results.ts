import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../usage-error.js";
import type { Results } from "./experiment.js";

// The same depth below the package for the sources and for dist.
const resultsFolder = new URL("../../experiments/results/", import.meta.url);
export const reportPath = fileURLToPath(new URL("../../../../docs/experiments.md", import.meta.url));

/** Where the results of an experiment are kept. */
export function resultsPath(name: string): string {
	return fileURLToPath(new URL(`${name}.json`, resultsFolder));
}

/** Replaces a file as a whole, so that a stop halfway leaves the old one. */
export function replaceFile(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(`${path}.part`, text);
	renameSync(`${path}.part`, path);
}

export function writeResults(path: string, results: Results): void {
	replaceFile(path, `${JSON.stringify(results, null, "\t")}\n`);
}

/** The stored results of an experiment, if there are any. */
export function readResults(name: string): Results | undefined {
	const path = resultsPath(name);
	if (!existsSync(path)) return undefined;
	try {
		return JSON.parse(readFileSync(path, "utf8")) as Results;
	} catch (error) {
		throw new UsageError(
			`${path} cannot be read (${error instanceof Error ? error.message : error}); run ${name} again`,
		);
	}
}

/** Stored results of a run that differed in nothing that a row depends on. Others, and files that cannot be read, count as none. */
export function readSameResults(path: string, like: Results): Results | undefined {
	const key = ({ experiment, machine, device, seed, settings }: Results) =>
		JSON.stringify([experiment, machine.cpu, machine.node, device, seed, settings]);
	try {
		const stored = JSON.parse(readFileSync(path, "utf8")) as Results;
		return key(stored) === key(like) ? stored : undefined;
	} catch {
		return undefined;
	}
}

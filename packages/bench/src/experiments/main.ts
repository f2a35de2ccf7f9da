#!/usr/bin/env node
import { init, LongspanError } from "longspan";
import { checkWritable } from "../check-writable.js";
import { machineFacts } from "../machine.js";
import { progressLine } from "../progress-line.js";
import { UsageError } from "../usage-error.js";
import type { Experiment, Results } from "./experiment.js";
import { experiments } from "./index.js";
import { commonOptions, describeOptions, lastingSettings, readOptions } from "./options.js";
import { experimentsReport } from "./report.js";
import { readResults, readSameResults, replaceFile, reportPath, resultsPath, writeResults } from "./results.js";

const usage = `Usage: npm run experiment -- NAME [options]

Experiments (npm run experiment -- NAME --help lists the options of each)
${Object.entries(experiments)
	.map(([name, { summary }]) => `  ${name.padEnd(20)}${summary}`)
	.join("\n")}
  ${"report".padEnd(20)}write docs/experiments.md again from the stored results`;

async function main([name, ...args]: string[]): Promise<void> {
	if (name === undefined || name === "--help") return console.log(usage);
	if (name === "report") {
		if (args.length > 0) throw new UsageError(`report takes no options; there is ${args[0]}`);
		return writeReport();
	}
	const experiment = Object.hasOwn(experiments, name) ? experiments[name] : undefined;
	if (!experiment)
		throw new UsageError(`unknown experiment "${name}"; there are ${Object.keys(experiments).join(", ")} and report`);
	await runExperiment(name, experiment, args);
}

async function runExperiment(name: string, experiment: Experiment, args: string[]): Promise<void> {
	const table = { ...experiment.options, ...commonOptions };
	const all = readOptions(name, table, args);
	const { help, json, seed, threads, turbo, ...own } = all as typeof all & {
		[Name in keyof typeof commonOptions]: never;
	};
	if (help)
		return console.log(
			`Usage: npm run experiment -- ${name} [options]\n\n${experiment.summary}\n\nOptions\n${describeOptions(table)}`,
		);
	experiment.check?.(own);
	if (json !== undefined) checkWritable("--json", json);
	const machine = machineFacts();
	const device = await init({ threads, turbo });
	const { description } = device;
	console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}\n${description}\n`);
	const progress = progressLine();
	const log = (text: string) => {
		progress("");
		console.log(text);
	};
	const start = performance.now();
	const target = json ?? resultsPath(name);
	const common = {
		...{ experiment: name, date: new Date().toISOString().slice(0, 10), machine, device: description, seed },
		settings: lastingSettings(experiment.options, own),
	};
	const stored = readSameResults(target, { ...common, seconds: 0, rows: [] });
	const resultsOf = (rows: readonly unknown[]): Results => {
		const earlier = rows.some((row) => stored?.rows.includes(row)) ? (stored?.seconds ?? 0) : 0;
		return { ...common, seconds: earlier + (performance.now() - start) / 1000, rows };
	};
	const rows = await experiment.run(own, {
		...{ device, seed, progress, log },
		storedRows: () => stored?.rows ?? [],
		storeRows: (found) => writeResults(target, resultsOf(found)),
	});
	progress("");
	device.dispose();
	const results = resultsOf(rows);
	writeResults(target, results);
	console.log(
		`\n${experiment
			.section(results)
			.findings.map((finding) => `  - ${finding}`)
			.join("\n")}\n`,
	);
	if (json === undefined) writeReport();
}

function writeReport(): void {
	const parts = Object.entries(experiments).flatMap(([name, experiment]) => {
		const results = readResults(name);
		return results ? [{ experiment, results }] : [];
	});
	if (parts.length === 0) throw new UsageError("there are no results yet; run an experiment first");
	replaceFile(reportPath, experimentsReport(parts));
	console.log(`wrote ${reportPath}`);
}

try {
	await main(process.argv.slice(2));
	// Threads may not end by themselves.
	process.exit(0);
} catch (error) {
	const expected = error instanceof UsageError || error instanceof LongspanError;
	console.error(expected ? `experiment: ${error.message}` : error);
	process.exit(1);
}

#!/usr/bin/env node
import { writeFileSync } from "node:fs";
import { init, LongspanError } from "longspan";
import { checkWritable } from "./check-writable.js";
import { machineFacts } from "./machine.js";
import { type Options, parseOptions, usage } from "./options.js";
import { loadPeers } from "./peers/load.js";
import { progressLine } from "./progress-line.js";
import type { SuiteReport } from "./report.js";
import { suites } from "./suites/index.js";
import type { Suite } from "./suites/suite.js";
import { formatReport } from "./table.js";
import { UsageError } from "./usage-error.js";

async function main(options: Options): Promise<void> {
	if (options.json !== undefined) checkWritable("--json", options.json);
	const device = await init({ threads: options.threads, turbo: options.turbo });
	const { peers, missing } = await loadPeers(options.threads);
	const machine = machineFacts();
	const { description } = device;
	const busy = machine.load > machine.cores / 4;
	const remarks = [
		...peers.map(({ name, version, remark }) => `${name} ${version}: ${remark}.`),
		...(busy
			? [`Other programs are running (load ${machine.load.toFixed(1)}); threads that wait for each other suffer most.`]
			: []),
		...missing.map((text) => `${text}.`),
		...(options.turbo
			? [
					"The V8 flag of the turbo build holds for the whole process: peers that are WebAssembly are compiled with it too.",
				]
			: []),
	];
	console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}\n${description}\n`);
	console.log(`${remarks.map((remark) => `  - ${remark}`).join("\n")}\n`);

	const reports: Record<string, SuiteReport> = {};
	const progress = progressLine();
	for (const name of options.names) {
		const report = await (suites[name] as Suite).run({
			device,
			turbo: options.turbo,
			seconds: options.seconds,
			peers,
			progress,
		});
		progress("");
		reports[name] = report;
		console.log(`${formatReport(report)}\n`);
	}
	device.dispose();
	if (options.json === undefined) return;
	const { threads, turbo, seconds } = options;
	const document = {
		machine,
		device: description,
		settings: { threads, turbo, seconds },
		peers: peers.map(({ name, version, remark }) => ({ name, version, remark })),
		missing,
		suites: reports,
	};
	writeFileSync(options.json, `${JSON.stringify(document, null, "\t")}\n`);
}

try {
	const options = parseOptions(process.argv.slice(2));
	if (options.help) console.log(usage);
	else await main(options);
	// Threads of the peers may not end by themselves.
	process.exit(0);
} catch (error) {
	const expected = error instanceof UsageError || error instanceof LongspanError;
	console.error(expected ? `bench: ${error.message}` : error);
	process.exit(1);
}

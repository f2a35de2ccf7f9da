import { join } from "node:path";
import { type Device, growthExponent } from "longspan";
import { checkCorpus, splitFiles } from "../data/corpus.js";
import { defaultPaths } from "../data/default-files.js";
import { listFiles } from "../data/list-files.js";
import { startDevice } from "../device-options.js";
import { describeMachine } from "../machine.js";
import { modelFiles } from "../models/config.js";
import { makeFolder } from "../models/save-model.js";
import { createProgress } from "../output/progress.js";
import { textTable } from "../output/text-table.js";
import { checkWritable, writeWholeFile } from "../output/write-file.js";
import { packageVersion } from "../package-info.js";
import { answer } from "./answer/answer.js";
import { measureAttentions } from "./measure/measure.js";
import { heading } from "./output/describe-settings.js";
import { measurementTable } from "./output/measurement-table.js";
import { summaryTable } from "./output/summary-table.js";
import type { CompareResult, GrowthFit, Row } from "./result.js";
import type { CompareSettings } from "./settings.js";
import { type ComparedData, summarizeSettings } from "./summarize-settings.js";
import { trainAttentions } from "./train/train.js";

/** Does one comparison and tells of it on stdout and in the report. */
export async function runCompare(settings: CompareSettings): Promise<void> {
	if (settings.reportPath !== null) checkWritable(settings.reportPath);
	if (settings.modelFolder !== null) {
		makeFolder(settings.modelFolder);
		checkWritable(join(settings.modelFolder, modelFiles.config));
	}
	// Read before anything is measured: bad input should not show after minutes.
	const data = readData(settings);
	const device = await startDevice(settings);
	try {
		const result = await compare(device, settings, data);
		process.stdout.write(settings.json ? `${JSON.stringify(result, null, "\t")}\n` : terminalText(result));
		if (settings.reportPath !== null) {
			const { reportPage } = await import("./report/page.js");
			writeWholeFile(settings.reportPath, reportPage(result, settings));
			process.stderr.write(`report written to ${settings.reportPath}\n`);
		}
		if (settings.modelFolder !== null && result.training.length > 0)
			process.stderr.write(`models saved in ${settings.modelFolder}\n`);
	} finally {
		device.dispose();
	}
}

function readData({ files: given, trainSteps, trainLength }: CompareSettings): ComparedData | null {
	if (trainSteps === 0 && given.length === 0) return null;
	const sources = given.length > 0 ? given : defaultPaths();
	const files = listFiles(sources);
	const corpus = splitFiles(files);
	if (trainSteps > 0) checkCorpus(corpus, trainLength, "use --train-length or --train 0");
	return { sources: given.length > 0 ? given : ["longspan's own sources and docs"], files, corpus };
}

async function compare(device: Device, settings: CompareSettings, data: ComparedData | null): Promise<CompareResult> {
	const progress = createProgress();
	const { rows, skipped } = await measureAttentions(device, settings, progress);
	const trained =
		settings.trainSteps > 0 && data
			? await trainAttentions(device, data.corpus, settings, progress)
			: { training: [], skippedTraining: [] };
	const summary = summarizeSettings(settings, data);
	const otherForm = summary.attentions
		.filter(({ label, note }) => note !== null && rows.some(({ attention }) => attention === label))
		.map(({ label }) => label);
	return {
		version: packageVersion(),
		date: new Date().toISOString(),
		machine: describeMachine(device),
		settings: summary,
		rows,
		skipped,
		fits: settings.attentions.map(({ label }) => fitOf(label, rows)),
		...trained,
		answer: answer({ rows, skipped, training: trained.training, otherForm }),
	};
}

function fitOf(attention: string, rows: readonly Row[]): GrowthFit {
	const own = rows.filter((row) => row.attention === attention);
	const exponent = (value: (row: Row) => number | null) =>
		growthExponent(own.map((row) => ({ n: row.n, value: value(row) ?? 0 })));
	return {
		attention,
		timeExponent: exponent(({ forwardMs }) => forwardMs),
		forwardBackwardTimeExponent: exponent(({ forwardBackwardMs }) => forwardBackwardMs),
		memoryExponent: exponent(({ peakBytes }) => peakBytes),
	};
}

function terminalText(result: CompareResult): string {
	const parts = [heading(result), textTable(measurementTable(result)), textTable(summaryTable(result)), result.answer];
	return `${parts.join("\n\n")}\n`;
}

import { startDevice } from "../device-options.js";
import { UsageError } from "../errors.js";
import { checkReadsBytes } from "../models/check-bytes.js";
import { longestSequence, type ModelConfig } from "../models/config.js";
import { loadModel } from "../models/load-model.js";
import { formatBits, formatCount, formatMs } from "../output/format.js";
import { createProgress } from "../output/progress.js";
import { textTable } from "../output/text-table.js";
import { packageVersion } from "../package-info.js";
import { evaluateModel } from "./evaluate.js";
import { evaluateDefaults } from "./options.js";
import { readWindows } from "./read-windows.js";
import type { EvaluationResult } from "./result.js";
import type { EvaluateSettings } from "./settings.js";

/** Measures how well a model predicts files and tells of it on stdout. */
export async function runEvaluate(settings: EvaluateSettings): Promise<void> {
	const { model: folder, files, heldOut, json } = settings;
	const device = await startDevice(settings);
	try {
		const loaded = loadModel(folder);
		const { config, tokenizerPath } = loaded;
		if (tokenizerPath === null) checkReadsBytes(config, folder);
		const windows = await readWindows(settings, tokenizerPath, lengthFor(settings, config));
		const evaluated = await evaluateModel(device, loaded, windows, folder, createProgress());
		const result: EvaluationResult = {
			version: packageVersion(),
			date: new Date().toISOString(),
			...{ model: folder, config, data: files, heldOut },
			...evaluated,
		};
		process.stdout.write(json ? `${JSON.stringify(result, null, "\t")}\n` : resultText(result));
	} finally {
		device.dispose();
	}
}

/** Tokens predicted in a window. Throws `UsageError` for more than the model has positions for. */
function lengthFor({ length, model }: EvaluateSettings, config: ModelConfig): number {
	const longest = longestSequence(config);
	if (length === null) return longest ?? config.maxLength ?? evaluateDefaults.length;
	if (longest !== null && length > longest)
		throw new UsageError(
			`--length: "${length}" is too long; the positions of "${model}" end at ${formatCount(longest)}`,
		);
	return length;
}

function resultText(result: EvaluationResult): string {
	const { model, config, data, heldOut, length, windows, tokens, bytes, seconds } = result;
	const sources = data.length > 0 ? data.join(", ") : "longspan's own sources and docs";
	const rows: [string, string][] = [
		["data", `${sources}${heldOut ? ", the last tenth of each file" : ""}`],
		["windows", `${formatCount(windows)} of ${formatCount(length)} tokens`],
		["predicted", `${formatCount(tokens)} tokens, ${formatCount(bytes)} bytes`],
		["cross-entropy", `${result.crossEntropy.toFixed(4)} nats per token`],
		["bits per byte", formatBits(result.bitsPerByte)],
		["time", `${formatMs(1000 * seconds)}, ${formatCount(result.tokensPerSecond)} tokens/s`],
	];
	const columns = [
		{ title: model, align: "left" },
		{ title: config.attention, align: "left" },
	] as const;
	return `${textTable({ columns, lines: rows })}\n`;
}

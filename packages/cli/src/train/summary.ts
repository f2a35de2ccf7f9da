import { formatBits, formatBytes, formatCount, formatMs } from "../output/format.js";
import { textTable } from "../output/text-table.js";
import { dataLine, modelLine, trainingLine } from "./describe-run.js";
import type { TrainResult } from "./result.js";

/** What came of a run, and what to do next. */
export function summaryText(result: TrainResult): string {
	const { folder, step, steps, seconds, tokens, tokensPerSecond, peakBytes, best, last, interrupted } = result;
	const held = (line: TrainResult["best"]) =>
		line ? `${formatBits(line.bitsPerByte)} bits per byte after step ${formatCount(line.step)}` : null;
	const rows: (readonly [string, string | null])[] = [
		["model", modelLine(result)],
		["training", trainingLine(result)],
		["data", dataLine(result)],
		["steps", `${formatCount(step)} of ${formatCount(steps)}${interrupted ? ", interrupted" : ""}`],
		["held out", held(last)],
		["best", best && best !== last ? held(best) : null],
		["time", `${formatMs(1000 * seconds)}, ${formatCount(tokens)} tokens, ${formatCount(tokensPerSecond)} tokens/s`],
		["memory", `${formatBytes(peakBytes)} at most`],
	];
	const columns = [
		{ title: "run", align: "left" },
		{ title: folder, align: "left" },
	] as const;
	const lines = rows.flatMap(([name, text]) => (text === null ? [] : [[name, text]]));
	return `${textTable({ columns, lines })}\n\n${nextLine(result)}\n`;
}

function nextLine({ folder, interrupted, checkpoints }: TrainResult): string {
	const path = /^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder);
	if (interrupted) return `go on:      longspan train --resume ${path}`;
	const which = checkpoints.length > 1 ? " (the best checkpoint)" : "";
	return `report:     ${path}/report.html\ngenerate:   longspan generate ${path} --prompt "…"${which}`;
}

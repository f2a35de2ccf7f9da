import { formatBytes, formatCount, formatMs } from "../output/format.js";
import { textTable } from "../output/text-table.js";
import { shownPath } from "./describe-run.js";
import { describeHeldOut, type HeldOutLine } from "./history.js";
import type { RunDescription, RunResult } from "./result.js";

/** What came of a run, and what to do next. */
export function summaryText(result: RunResult, description: RunDescription): string {
	const { folder, step, steps, seconds, tokens, tokensPerSecond, peakBytes, best, last, interrupted } = result;
	const held = (line: HeldOutLine | null) =>
		line ? `${describeHeldOut(line)} after step ${formatCount(line.step)}` : null;
	const rows: (readonly [string, string | null])[] = [
		["model", description.model],
		["training", description.training],
		["data", description.data],
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
	return `${textTable({ columns, lines })}\n\n${nextLine(result, description)}\n`;
}

function nextLine({ folder, interrupted }: RunResult, { next }: RunDescription): string {
	const path = shownPath(folder);
	const lines = interrupted
		? [["go on", `longspan train --resume ${path}`] as const]
		: [["report", `${path}/report.html`] as const, ...next];
	return lines.map(([word, command]) => `${`${word}:`.padEnd(12)}${command}`).join("\n");
}

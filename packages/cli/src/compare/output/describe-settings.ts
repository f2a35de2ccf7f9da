import { machineLine } from "../../machine.js";
import { formatBytes, formatCount } from "../../output/format.js";
import type { CompareResult, DataSummary, SettingsSummary } from "../result.js";

/** What was measured, in one line. */
export function measuredLine({ batch, heads, headDim, causal, repeat }: SettingsSummary): string {
	const sides = causal ? "causal" : "to both sides";
	return `Attention ${sides}, batch ${batch}, ${heads} heads × ${headDim}, float32; medians of up to ${repeat} calls after a warm-up; memory beyond q, k and v`;
}

function dataOf({ files, bytes, sources }: DataSummary): string {
	const from = sources.length > 3 ? `${sources.slice(0, 3).join(", ")} …` : sources.join(", ");
	return `${formatCount(files)} ${files === 1 ? "file" : "files"} (${from}; ${formatBytes(bytes)})`;
}

/** What was trained, in one line; null without training. */
export function trainedLine({ training }: SettingsSummary): string | null {
	if (!training) return null;
	const { steps, length, batch, dim, layers, heads, data } = training;
	return `Byte-level model of ${layers} layers, dim ${dim}, ${heads} heads, trained ${steps} steps of ${batch} × ${formatCount(length)} bytes on ${dataOf(data)}; bits per byte on the held-out last tenth of each file`;
}

/** What to know of attentions that were not measured as asked. */
export function formNotes({ attentions }: SettingsSummary): string[] {
	return attentions.flatMap(({ label, note }) => (note === null ? [] : [`${label}: ${note}`]));
}

/** Everything a reader of the terminal sees above the tables. */
export function heading({ machine, settings }: CompareResult): string {
	return [machineLine(machine), measuredLine(settings), trainedLine(settings), ...formNotes(settings)]
		.filter((line) => line !== null)
		.join("\n");
}

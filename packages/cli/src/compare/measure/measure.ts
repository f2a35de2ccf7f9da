import type { Device } from "longspan";
import { formOf } from "../../attentions/form.js";
import { exactAttention, exactName } from "../../attentions/registry.js";
import { formatCount } from "../../output/format.js";
import type { Progress } from "../../output/progress.js";
import type { Row, SkippedRow } from "../result.js";
import type { CompareSettings } from "../settings.js";
import { calibrate } from "./calibrate.js";
import { Feasibility } from "./feasibility.js";
import { measureLength } from "./measure-length.js";
import { Subject } from "./subject.js";

export interface Measurements {
	readonly rows: readonly Row[];
	readonly skipped: readonly SkippedRow[];
}

/** Subjects of the chosen attentions, and exact attention as a yardstick if it is not among them. */
function subjectsOf({ attentions, causal }: CompareSettings): Subject[] {
	const chosen = attentions.map(
		(choice) => new Subject(choice.label, (length) => formOf(choice, causal, length).attention, true),
	);
	if (attentions.some(({ name }) => name === exactName)) return chosen;
	return [...chosen, new Subject(exactName, () => exactAttention(causal), false)];
}

/**
 * Times every attention at every length, all attentions in turn at each length so that the machine's moods hit them alike.
 * Lengths that do not fit the memory or the time are skipped with a reason.
 */
export async function measureAttentions(
	device: Device,
	settings: CompareSettings,
	progress: Progress,
): Promise<Measurements> {
	const subjects = subjectsOf(settings);
	const feasibility = new Feasibility(settings, settings.maxSeconds);
	const rows: Row[] = [];
	const skipped: SkippedRow[] = [];
	progress.start("measuring", settings.lengths.length);
	await calibrate(device, subjects, settings, feasibility);
	for (const [index, n] of settings.lengths.entries()) {
		progress.update(index, `n = ${formatCount(n)}`);
		const measured = await measureLength({ device, subjects, settings, feasibility }, n);
		rows.push(...measured.rows);
		skipped.push(...measured.skipped);
		for (const { attention, reason } of measured.skipped)
			progress.note(`skipped ${attention} at n = ${formatCount(n)}: ${reason}`);
		for (const { attention, note } of measured.rows)
			if (note) progress.note(`${attention} at n = ${formatCount(n)}: ${note}`);
	}
	progress.finish();
	return { rows, skipped };
}

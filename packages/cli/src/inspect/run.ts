import { init } from "longspan";
import { formOf } from "../attentions/form.js";
import { formatCount } from "../output/format.js";
import { checkWritable, writeWholeFile } from "../output/write-file.js";
import { patternsOf } from "../report/pattern.js";
import { analyse } from "./analyse.js";
import { terminalText } from "./output/terminal.js";
import type { InspectResult } from "./result.js";
import type { InspectSettings, PictureFile } from "./settings.js";

/** Pictures are drawn in at most this many cells a side. */
const mostCells = 256;

/** Does one inspection and tells of it on stdout and in a file. */
export async function runInspect(settings: InspectSettings): Promise<void> {
	const { out, json } = settings;
	if (out) checkWritable(out.path);
	const device = await init();
	try {
		const result = analyse(settings);
		if (out) {
			writeWholeFile(out.path, await picture(out, settings, result));
			process.stderr.write(`written to ${out.path}\n`);
		}
		process.stdout.write(json ? `${JSON.stringify(result, null, "\t")}\n` : terminalText(result));
	} finally {
		device.dispose();
	}
}

async function picture(
	{ format }: PictureFile,
	{ attention: choice, length, heads }: InspectSettings,
	result: InspectResult,
): Promise<string> {
	const { attention } = formOf(choice, result.causal, length);
	const patterns = patternsOf(attention, length, heads, mostCells);
	if (format === "html") {
		const { inspectPage } = await import("./report/page.js");
		return inspectPage(result, patterns);
	}
	const { patternSheet } = await import("../report/pattern-sheet.js");
	const { nodes, description, note } = result;
	const across = Math.ceil((nodes ?? 0) / mostCells);
	return patternSheet(patterns, result.attention, [
		`${description} at ${formatCount(length)} tokens`,
		...(note === null ? [] : [note]),
		...(across > 1 ? [`a dot stands for up to ${across} × ${across} pairs; the paler, the fewer of them`] : []),
	]);
}

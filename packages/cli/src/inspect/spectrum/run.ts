import { init } from "longspan";
import { createProgress } from "../../output/progress.js";
import { checkWritable, writeWholeFile } from "../../output/write-file.js";
import type { PictureFile } from "../settings.js";
import type { SpectrumSettings } from "./options.js";
import type { SpectrumResult } from "./result.js";
import { measureSpectrum } from "./spectrum.js";
import { spectrumText } from "./tables.js";

/** Looks at one spectrum and tells of it on stdout and in a file. */
export async function runSpectrum(settings: SpectrumSettings): Promise<void> {
	const { out, json } = settings;
	if (out) checkWritable(out.path);
	const device = await init();
	try {
		const result = await measureSpectrum(device, settings, createProgress());
		if (out) {
			writeWholeFile(out.path, await picture(out, result));
			process.stderr.write(`written to ${out.path}\n`);
		}
		process.stdout.write(json ? `${JSON.stringify(result, null, "\t")}\n` : spectrumText(result));
	} finally {
		device.dispose();
	}
}

async function picture({ format }: PictureFile, result: SpectrumResult): Promise<string> {
	if (format === "html") return (await import("./page.js")).spectrumPage(result);
	return (await import("./sheet.js")).spectrumSheet(result);
}

import { UsageError } from "../../errors.js";
import { parseInteger } from "../../parse-number.js";
import { parsePictureFile } from "../options.js";
import type { PictureFile } from "../settings.js";

/** Options as the command line gives them. */
export interface RawSpectrumOptions {
	model: string;
	data: string;
	length?: string;
	windows: string;
	out?: string;
	json: boolean;
}

/** What one look at a spectrum does: the options, checked. */
export interface SpectrumSettings {
	readonly model: string;
	readonly data: string;
	/** Tokens of a window; null: 512, or what the model takes if that is less. */
	readonly length: number | null;
	readonly windows: number;
	readonly out: PictureFile | null;
	readonly json: boolean;
}

/** Values of options that are not given. */
export const spectrumDefaults = { length: 512, windows: "4" } as const;

/** Longest window: its matrices are taken apart number by number. */
const longestWindow = 1024;
const mostWindows = 10_000;

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseSpectrumOptions({
	model,
	data,
	length,
	windows,
	out,
	json,
}: RawSpectrumOptions): SpectrumSettings {
	for (const [option, path] of Object.entries({ "--model": model, "--data": data }))
		if (path === "") throw new UsageError(`${option}: the path is empty`);
	return {
		model,
		data,
		length: length === undefined ? null : parseInteger("--length", length, 2, longestWindow),
		windows: parseInteger("--windows", windows, 1, mostWindows),
		out: out === undefined ? null : parsePictureFile("--out", out),
		json,
	};
}

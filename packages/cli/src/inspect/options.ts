import { extname } from "node:path";
import { parseAttention } from "../attentions/choices.js";
import { UsageError } from "../errors.js";
import { parseInteger } from "../parse-number.js";
import type { InspectSettings, PictureFile } from "./settings.js";

/** Options as the command line gives them. */
export interface RawInspectOptions {
	length: string;
	heads: string;
	causal: boolean;
	layers: string;
	out?: string;
	json: boolean;
}

/** Values of options that are not given. */
export const inspectDefaults = { length: "1024", heads: "4", layers: "4" } as const;

/** Longest sequence whose pattern is followed pair by pair. */
const longestLength = 4096;
const mostHeads = 64;
const mostLayers = 64;

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseInspectOptions(attention: string, raw: RawInspectOptions): InspectSettings {
	return {
		attention: parseAttention(attention.trim(), "ATTENTION"),
		length: parseInteger("--length", raw.length, 1, longestLength),
		heads: parseInteger("--heads", raw.heads, 1, mostHeads),
		causal: raw.causal,
		layers: parseInteger("--layers", raw.layers, 1, mostLayers),
		out: raw.out === undefined ? null : parsePictureFile("--out", raw.out),
		json: raw.json,
	};
}

/** A file for a picture, by its extension. */
export function parsePictureFile(option: string, path: string): PictureFile {
	const extension = extname(path).toLowerCase();
	if (extension === ".svg") return { path, format: "svg" };
	if (extension === ".html" || extension === ".htm") return { path, format: "html" };
	throw new UsageError(
		`${option}: "${path}" is neither a picture nor a page; expected a name that ends in .svg or .html`,
	);
}

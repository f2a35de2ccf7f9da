import type { ConfigJson } from "./config-fields.js";

/** Top-level fields that transformers takes for real numbers, with the point that JSON.stringify leaves out. */
const wholeReal = /^( {2}"[a-z_]*(?:_std|_range|_eps|_layerdrop|dropout|dropout_prob)": -?\d+)(,?)$/gm;

/**
 * config.json as text. Python tells 1.0 from 1, and transformers refuses some of its files with whole numbers where it expects real ones:
 * those are written with their point.
 */
export function configText(config: ConfigJson): string {
	return `${JSON.stringify(config, null, 2).replace(wholeReal, "$1.0$2")}\n`;
}

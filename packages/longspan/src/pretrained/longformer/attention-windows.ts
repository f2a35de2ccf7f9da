import { type LongformerCallOptions, longformer } from "../../attention/longformer/index.js";
import type { Attention } from "../../attention/mechanism.js";
import type { ConfigFields } from "../config/config-fields.js";

/** `attention_window`: even, two-sided, one for all layers or one for each. */
export function readAttentionWindows(fields: ConfigFields, layers: number): readonly number[] {
	const given = fields.optional("attention_window") ?? 512;
	const windows = Array.isArray(given) ? given : new Array(layers).fill(given);
	if (
		windows.length !== layers ||
		!windows.every((window) => Number.isInteger(window) && window > 0 && window % 2 === 0)
	)
		fields.fail(
			"attention_window",
			given,
			`an even number of at least 2, two-sided, or a list of them, one for each of the ${layers} layers`,
		);
	return windows;
}

/** One mechanism for each layer; layers of one window share it, and with it their plans. */
export function longformerAttentions(windows: readonly number[]): readonly Attention<LongformerCallOptions>[] {
	const byWindow = new Map(
		windows.map((attentionWindow) => [attentionWindow, longformer({ attentionWindow })] as const),
	);
	return windows.map((window) => byWindow.get(window) as Attention<LongformerCallOptions>);
}

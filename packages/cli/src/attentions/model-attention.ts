import { type Attention, perHead } from "longspan";
import { UsageError } from "../errors.js";
import { parseAttention } from "./choices.js";

/** The attention of a model the user gave. */
export interface ModelAttentionChoice {
	/** As given, without spaces: what a configuration says. */
	readonly text: string;
	/** Layers that have an attention of their own before the list begins again. */
	readonly layers: number;
	/** The most attentions that share the heads of one layer. */
	readonly heads: number;
	/**
	 * The causal attention of each of these layers, for sequences of up to `length` tokens (null: of any length). Throws `OptionError` where
	 * one has no such form.
	 */
	create(length: number | null): Attention[];
}

/** Stands for sequences without a longest, which no causal attention has weights for. */
const anyLength = 2 ** 30;

/**
 * Reads the attention of a model: `linear` for all layers; `local,reformer` for layers in turn; `window:256+reformer` for the heads of a
 * layer, divided among them. Throws `UsageError` that begins with `source`, the option or place the text is from, and names the part.
 */
export function parseModelAttention(text: string, source: string): ModelAttentionChoice {
	const layers = text.split(",").map((layer, index, { length: layerCount }) => {
		const layerSource = layerCount > 1 ? `${source}, layer ${index + 1}` : source;
		return layer.split("+").map((part, at, { length: partCount }) => {
			const partSource = partCount > 1 ? `${layerSource}, part ${at + 1}` : layerSource;
			if (part.trim() === "")
				throw new UsageError(
					`${partSource}: "${text}" names no attention there; expected such as linear, local,reformer (layers in turn) or window:256+linear (heads of a layer)`,
				);
			return parseAttention(part.trim(), partSource);
		});
	});
	return {
		text: layers.map((parts) => parts.map(({ label }) => label).join("+")).join(","),
		layers: layers.length,
		heads: Math.max(...layers.map((parts) => parts.length)),
		create: (length) =>
			layers.map((parts) => {
				const attentions = parts.map((part) => part.create(true, length ?? anyLength));
				return attentions.length === 1 ? (attentions[0] as Attention) : perHead(attentions);
			}),
	};
}

import { OptionError } from "../../errors.js";
import { checkOptions } from "../../ops/operands.js";
import type { Attention } from "../mechanism.js";
import { type LongformerCallOptions, type LongformerOptions, longformer, longformerOptionNames } from "./index.js";

/** Options of `longformerLayers`: those of `longformer`, but for lists with an entry for each layer. */
export interface LongformerLayersOptions extends Omit<LongformerOptions, "window" | "attentionWindow" | "dilation"> {
	window?: readonly number[];
	attentionWindow?: readonly number[];
	/** For each layer one for all heads, or one per head. Default: 1 everywhere. */
	dilation?: readonly (number | readonly number[])[];
}

/**
 * One mechanism for each layer of a model whose window grows with the depth (section 3.1).
 *
 * @throws OptionError as `longformer` does, and for a dilation of another number of layers
 */
export function longformerLayers(options: LongformerLayersOptions): Attention<LongformerCallOptions>[] {
	checkOptions("longformerLayers", options, longformerOptionNames);
	const { window, attentionWindow, dilation, ...others } = options;
	if (!window === !attentionWindow)
		throw new OptionError(
			"longformerLayers: expected either window or attentionWindow, a list with an entry for each layer",
		);
	const windows = (window ?? attentionWindow) as readonly number[];
	if (dilation && dilation.length !== windows.length)
		throw new OptionError(
			`longformerLayers: dilation has ${dilation.length} entries; expected one for each of the ${windows.length} layers`,
		);
	return windows.map((size, layer) =>
		longformer({
			...others,
			...(window ? { window: size } : { attentionWindow: size }),
			...(dilation && { dilation: dilation[layer] as number | readonly number[] }),
		}),
	);
}

import { foldIn } from "../../nn/forward-options.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HiddenOutputs, RunOptions } from "../architecture.js";
import { drop } from "../layers/drop.js";
import { applyNorm, type NormParameters } from "../layers/norm.js";
import type { EncoderDecoderConfig, StackConfig } from "./config.js";
import { leavesOut } from "./layer-drop.js";
import { normEpsilon } from "./sublayer.js";

/**
 * Runs the layers of a stack on embeddings, with the norm of the stack where it belongs. What one layer leaves is freed when the next is
 * done.
 *
 * @param embed makes the embeddings, [batch, length, width]
 * @param norm `layernorm_embedding`, which normalises the embeddings, or the result of the stack if norms come before
 */
export function runLayers(
	embed: () => Tensor,
	norm: NormParameters,
	config: EncoderDecoderConfig,
	{ layers, layerDrop }: StackConfig,
	{ random, outputHiddenStates = false }: RunOptions,
	apply: (x: Tensor, layer: number, random: RunOptions["random"]) => Tensor,
): HiddenOutputs {
	return scope(() => {
		const normBefore = config.norm === "before";
		let x = scope(() => {
			const embedded = embed();
			return drop(normBefore ? embedded : applyNorm(embedded, norm, normEpsilon), config.dropout, foldIn(random, 0));
		});
		const states = [x];
		const next = (made: Tensor) => {
			if (outputHiddenStates) states.push(made);
			else if (made !== x) x.dispose();
			x = made;
		};
		for (let layer = 0; layer < layers; layer++) {
			const own = foldIn(random, layer + 1);
			if (leavesOut(layerDrop, foldIn(own, 0), x)) next(x);
			else next(scope(() => apply(x, layer, foldIn(own, 1))));
		}
		if (normBefore) {
			const last = applyNorm(x, norm, normEpsilon);
			// As transformers returns them: the last state is the result of the stack.
			if (outputHiddenStates) states.pop();
			next(last);
		}
		return { lastHiddenState: x, ...(outputHiddenStates && { hiddenStates: states }) };
	});
}

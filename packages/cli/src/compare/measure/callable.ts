import { type Attention, type AttentionWeights, treeTensors } from "longspan";
import type { CallSizes } from "./inputs.js";

/** An attention that can be called: with weights, if it needs some. */
export interface Callable {
	readonly attention: Attention;
	/** Empty for attentions without weights. */
	readonly weights: AttentionWeights;
	/** Frees the weights. */
	dispose(): void;
}

/** Draws the weights an attention needs for calls of these sizes; the same for the same seed. */
export function callableOf(attention: Attention, { heads, headDim }: CallSizes, seed: number): Callable {
	const weights = attention.initialize?.({ heads, headDim, seed }) ?? {};
	return {
		attention,
		weights,
		dispose: () => {
			for (const tensor of treeTensors(weights)) tensor.dispose();
		},
	};
}

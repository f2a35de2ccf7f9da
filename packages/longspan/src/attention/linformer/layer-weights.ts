import type { AttentionWeights, WeightSizes } from "../mechanism.js";
import type { Linformer } from "./options.js";

/**
 * Weights for the layers of a model, in order, each layer with a mechanism of its own (k may differ) or the same as others.
 * Layers with one and the same mechanism of sharing "layerwise" get the same tensor, whose gradient is then the sum over those
 * layers; all others get weights of their own, drawn from the seeds `seed`, `seed` + 1, ….
 *
 * @returns the weights of each layer; {} for pools, which have none
 */
export function linformerLayerWeights(layers: readonly Linformer[], sizes: WeightSizes): AttentionWeights[] {
	const shared = new Map<Linformer, AttentionWeights>();
	return layers.map((attend, layer) => {
		const known = shared.get(attend);
		if (known) return known;
		const weights = attend.initialize?.({ ...sizes, seed: (sizes.seed ?? 0) + layer }) ?? {};
		if (attend.sharing === "layerwise") shared.set(attend, weights);
		return weights;
	});
}

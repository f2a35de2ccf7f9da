/** Sizes of the encoder that is measured: those of a base model by default. */
export interface ModelSizes {
	readonly layers: number;
	readonly dim: number;
	readonly heads: number;
	/** Two-sided attention window, in tokens. */
	readonly window: number;
	readonly vocabulary: number;
}

/** config.json of a Longformer of these sizes for inputs of up to `length` tokens. */
export function configOf({ layers, dim, heads, window, vocabulary }: ModelSizes, length: number): object {
	return {
		architectures: ["LongformerModel"],
		model_type: "longformer",
		attention_probs_dropout_prob: 0,
		attention_window: Array.from({ length: layers }, () => window),
		bos_token_id: 0,
		eos_token_id: 2,
		hidden_act: "gelu",
		hidden_dropout_prob: 0,
		hidden_size: dim,
		intermediate_size: 4 * dim,
		layer_norm_eps: 1e-5,
		// Positions begin after the padding id, and the reference pads to the window.
		max_position_embeddings: length + window + 2,
		num_attention_heads: heads,
		num_hidden_layers: layers,
		pad_token_id: 1,
		sep_token_id: 2,
		type_vocab_size: 1,
		vocab_size: vocabulary,
	};
}

/** Token ids of a text of random words, without special tokens but for the first. */
export function idsOf(length: number, vocabulary: number): Int32Array {
	return Int32Array.from({ length }, (_, index) => (index === 0 ? 0 : 3 + ((index * 7919) % (vocabulary - 3))));
}

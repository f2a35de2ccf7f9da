import { type Device, type ModelDType, modelFromCheckpoint, type PretrainedModel } from "longspan";

/** Sizes of a base-size LED. */
export const ledSizes = { layers: 6, dim: 768, heads: 12, hidden: 3072, window: 1024, vocabulary: 50_265 };

/** An LED with weights that are drawn. */
export function drawLed(device: Device, dtype: ModelDType): Promise<PretrainedModel<"seq2seq-lm">> {
	const { layers, dim, heads, hidden, window, vocabulary } = ledSizes;
	const location = "random weights";
	const config = {
		model_type: "led",
		attention_window: new Array(layers).fill(window),
		d_model: dim,
		encoder_layers: layers,
		decoder_layers: layers,
		encoder_attention_heads: heads,
		decoder_attention_heads: heads,
		encoder_ffn_dim: hidden,
		decoder_ffn_dim: hidden,
		vocab_size: vocabulary,
	};
	const weights = {
		location,
		names: [],
		shapeOf: () => undefined,
		read: () => Promise.reject(new Error(`${location}: there are none to read`)),
	};
	return modelFromCheckpoint(
		"seq2seq-lm",
		{ location, config, generationConfig: {}, weights },
		{
			...{ device, dtype, drawMissing: 1 },
		},
	);
}

/** A step of decoding. */
export interface Step {
	/** Bytes of an element of a matrix as it is kept. */
	readonly elementBytes: number;
	/** Tokens of the text that the encoder read. */
	readonly textLength: number;
	/** Tokens of each row before the step. */
	readonly position: number;
	readonly rows: number;
}

/** Bytes that a step must read: the decoder's matrices, keys and values of the text, and those of the tokens before in each row. */
export function bytesOfStep({ elementBytes, textLength, position, rows }: Step): number {
	const { layers, dim, hidden, vocabulary } = ledSizes;
	// Of the attention to the text, the projections of keys and values were used before.
	const matrices = layers * (4 + 2) * dim ** 2 + layers * 2 * dim * hidden + vocabulary * dim;
	return elementBytes * matrices + 4 * layers * 2 * dim * (textLength + rows * (position + 1));
}

import { full } from "../../attention/full/index.js";
import { causalPlan } from "../../attention/plan/builders.js";
import type { HeadPlans } from "../../attention/plan/encode.js";
import { forAllHeads, softmaxAttention } from "../../attention/softmax/index.js";
import { KeyValueCache } from "../../attention/softmax/key-value-cache.js";
import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type AttentionParameters, attendByHead, type KeysValues } from "./attention.js";
import type { EncoderDecoderConfig } from "./config.js";
import type { DecoderAttention } from "./decoder.js";

/** What is kept of the encoder: keys and values of each layer, once for each text. */
export interface EncoderMemory {
	readonly layers: readonly KeysValues[];
	/** int32 [entries, length]; undefined: there is no padding. */
	readonly mask: Tensor<"int32"> | undefined;
}

/** Attention of a decoder that is fed piece by piece, to what it remembers of the encoder and of the tokens before. */
export class RememberedAttention implements DecoderAttention {
	readonly #memory: EncoderMemory;
	readonly #config: EncoderDecoderConfig;
	readonly #caches: readonly KeyValueCache[];
	readonly #toAll = full();
	#plans: HeadPlans | null = null;

	/**
	 * @param memory belongs to it from now on
	 * @param entries number of texts
	 */
	constructor(
		memory: EncoderMemory,
		readonly entries: number,
		config: EncoderDecoderConfig,
	) {
		this.#memory = memory;
		this.#config = config;
		const { heads } = config.decoder;
		this.#caches = memory.layers.map(() => new KeyValueCache({ batch: entries, heads, headDim: config.width / heads }));
	}

	get bytes(): number {
		const { layers, mask } = this.#memory;
		const elements = layers.reduce((sum, { keys, values }) => sum + keys.size + values.size, mask?.size ?? 0);
		return 4 * elements + this.#caches.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	toTokens(layer: number, q: Tensor, { keys, values }: KeysValues): Tensor {
		const cache = this.#caches[layer] as KeyValueCache;
		const before = cache.length;
		cache.append(keys, values);
		// The first layer makes the plan for all: their caches have the same length.
		if (layer === 0) this.#plans = forAllHeads(causalPlan(q.shape[2] as number, cache.capacity, before));
		const plans = this.#plans as HeadPlans;
		return scope(() => softmaxAttention(q, cache.keys, cache.values, plans, {}, this.#config.name).output);
	}

	/** Rows of a text are more queries to the same keys: nothing is repeated for them. */
	toEncoder(layer: number, x: Tensor, parameters: AttentionParameters): Tensor {
		const { layers, mask } = this.#memory;
		const { keys, values } = layers[layer] as KeysValues;
		const { width, decoder } = this.#config;
		return scope(() => {
			const byEntry = reshape(x, [this.entries, -1, width]);
			const attended = attendByHead(byEntry, parameters, decoder.heads, (q) =>
				this.#toAll(q, keys, values, { keyMask: mask }),
			);
			return reshape(attended, x.shape);
		});
	}

	/** Goes on with these rows of tokens, in this order. */
	select(rows: readonly number[]): void {
		for (const cache of this.#caches) cache.select(rows);
	}

	dispose(): void {
		const { layers, mask } = this.#memory;
		for (const cache of this.#caches) cache.dispose();
		for (const { keys, values } of layers) {
			keys.dispose();
			values.dispose();
		}
		mask?.dispose();
	}
}

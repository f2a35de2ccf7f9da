import type { LinearActivation } from "../../ops/linear.js";
import { refuseVariants } from "../config/common-fields.js";
import type { ConfigFields } from "../config/config-fields.js";
import { readActivation } from "../layers/activation.js";

export type ReformerLayerKind = "lsh" | "local";

/** Chunks of one kind of layer. */
export interface ReformerChunks {
	readonly chunkLength: number;
	/** Chunks before and after its own that a query sees. */
	readonly before: number;
	readonly after: number;
}

/** Tables of positions folded into a grid. */
export interface AxialTables {
	/** Sizes of the axes. */
	readonly shape: readonly number[];
	/** Channels of each axis. */
	readonly dims: readonly number[];
	/** Deviation of new tables. */
	readonly deviation: number;
}

/** What config.json says of a Reformer. */
export interface ReformerConfig {
	readonly vocabularySize: number;
	readonly width: number;
	readonly heads: number;
	readonly headDim: number;
	readonly innerWidth: number;
	readonly activation: LinearActivation;
	readonly epsilon: number;
	readonly dropout: number;
	/** The kind of each layer. */
	readonly layers: readonly ReformerLayerKind[];
	readonly lsh: ReformerChunks;
	readonly local: ReformerChunks;
	readonly numHashes: number;
	/** Factors of the number of buckets; undefined: they follow the length. */
	readonly buckets: readonly number[] | undefined;
	/** Names the rotations of every layer; undefined: each layer has its own, and in training each step. */
	readonly hashSeed: number | undefined;
	readonly causal: boolean;
	/** Undefined: a row for each position. */
	readonly axial: AxialTables | undefined;
	readonly maxPositions: number;
	readonly padId: number;
}

/** Most buckets: a code and one bucket more must fit an int32. */
const mostBuckets = 2 ** 31 - 2;

/**
 * Reads the sizes of a Reformer. Absent fields have the defaults of transformers. Dropout of attention probabilities has no effect
 * here; `hash_seed` seeds this library's generator, so rotations are others than torch's.
 */
export function readReformerConfig(fields: ConfigFields): ReformerConfig {
	fields.ignore(
		"local_attention_probs_dropout_prob",
		"lsh_attention_probs_dropout_prob",
		// Left over in released files from before they were named by kind of layer, or copied from other models.
		"attention_probs_dropout_prob",
		"intermediate_size",
		"num_chunks_after",
		"num_chunks_before",
		// Read by the class that has it.
		"classifier_dropout",
	);
	refuseVariants(fields, { encoderDecoder: false });
	// The head is twice as wide as the embeddings.
	fields.only("tie_word_embeddings", false);
	const width = fields.integer("hidden_size", { fallback: 256 });
	const causal = fields.flag("is_decoder", false);
	const layers = readLayers(fields);
	const config: ReformerConfig = {
		vocabularySize: fields.integer("vocab_size", { fallback: 320 }),
		width,
		heads: fields.integer("num_attention_heads", { fallback: 12 }),
		headDim: fields.integer("attention_head_size", { fallback: 64 }),
		innerWidth: fields.integer("feed_forward_size", { fallback: 512 }),
		activation: readActivation(fields, "hidden_act", "relu"),
		epsilon: fields.number("layer_norm_eps", { fallback: 1e-12, min: 0 }),
		dropout: fields.share("hidden_dropout_prob", 0.05),
		layers,
		lsh: readChunks(fields, "lsh"),
		local: readChunks(fields, "local"),
		numHashes: fields.integer("num_hashes", { fallback: 1 }),
		buckets: readBuckets(fields),
		hashSeed: fields.optional("hash_seed") === undefined ? undefined : fields.integer("hash_seed", { min: 0 }),
		causal,
		axial: readAxial(fields, width),
		maxPositions: fields.integer("max_position_embeddings", { fallback: 4096 }),
		padId: fields.tokenId("pad_token_id") ?? 0,
	};
	for (const kind of new Set(layers))
		if (causal && config[kind].after > 0)
			fields.fail(`${kind}_num_chunks_after`, config[kind].after, "0 with is_decoder, which sees no later token");
	if (config.padId >= config.vocabularySize)
		fields.fail("pad_token_id", config.padId, `a token below vocab_size, ${config.vocabularySize}`);
	return config;
}

function readLayers(fields: ConfigFields): readonly ReformerLayerKind[] {
	const given = fields.optional("attn_layers") ?? ["local", "lsh", "local", "lsh", "local", "lsh"];
	if (!Array.isArray(given) || given.length === 0 || !given.every((kind) => kind === "lsh" || kind === "local"))
		fields.fail("attn_layers", given, 'a list of "lsh" and "local"');
	const layers = given as readonly ReformerLayerKind[];
	const count = fields.integer("num_hidden_layers", { fallback: layers.length });
	if (count !== layers.length) fields.fail("num_hidden_layers", count, `${layers.length}, as many as attn_layers has`);
	return layers;
}

function readChunks(fields: ConfigFields, kind: ReformerLayerKind): ReformerChunks {
	return {
		chunkLength: fields.integer(`${kind}_attn_chunk_length`, { fallback: 64 }),
		before: fields.integer(`${kind}_num_chunks_before`, { fallback: 1, min: 0 }),
		after: fields.integer(`${kind}_num_chunks_after`, { fallback: 0, min: 0 }),
	};
}

function readBuckets(fields: ConfigFields): readonly number[] | undefined {
	const given = fields.optional("num_buckets");
	if (given === undefined) return undefined;
	const factors = Array.isArray(given) ? given : [given];
	const even = factors.every((factor) => Number.isSafeInteger(factor) && factor >= 2 && factor % 2 === 0);
	if (!even || factors.length === 0 || factors.reduce((product, factor) => product * factor, 1) > mostBuckets)
		fields.fail("num_buckets", given, "an even number below 2^31 - 1, or even factors of one");
	return factors;
}

function readAxial(fields: ConfigFields, width: number): AxialTables | undefined {
	const axial = fields.flag("axial_pos_embds", true);
	const shape = fields.integers("axial_pos_shape", { fallback: [64, 64] });
	const dims = fields.integers("axial_pos_embds_dim", { fallback: [64, 192] });
	const deviation = fields.number("axial_norm_std", { fallback: 1, min: 0 });
	if (!axial) return undefined;
	if (shape.length === 0 || dims.length !== shape.length || dims.reduce((sum, dim) => sum + dim, 0) !== width)
		fields.fail(
			"axial_pos_embds_dim",
			dims,
			`widths that add up to hidden_size, ${width}, one for each of the ${shape.length} axes of axial_pos_shape`,
		);
	return { shape, dims, deviation };
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors, type StoredTensor } from "longspan";

/** Sizes of the checkpoint: those of a base model in small. */
const sizes = { dim: 64, heads: 4, layers: 2, hidden: 128, positions: 514, window: 32 } as const;
const specialTokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] as const;

/** Most tokens of an input. */
export const longformerLength = 512;

/**
 * Writes a Longformer for questions, with random weights and a byte-level BPE tokenizer, into a folder in the Hugging Face layout.
 *
 * @returns the folder
 */
export function writeLongformer(folder: string): string {
	mkdirSync(folder, { recursive: true });
	const tokenizer = byteLevelTokenizer();
	const vocabularySize = Object.keys(tokenizer.model.vocab).length;
	const json = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));
	json("config.json", {
		architectures: ["LongformerForQuestionAnswering"],
		model_type: "longformer",
		attention_window: new Array(sizes.layers).fill(sizes.window),
		attention_probs_dropout_prob: 0.1,
		...{ bos_token_id: 0, pad_token_id: 1, eos_token_id: 2, sep_token_id: 2 },
		hidden_act: "gelu",
		hidden_dropout_prob: 0.1,
		hidden_size: sizes.dim,
		initializer_range: 0.02,
		intermediate_size: sizes.hidden,
		layer_norm_eps: 1e-5,
		max_position_embeddings: sizes.positions,
		num_attention_heads: sizes.heads,
		num_hidden_layers: sizes.layers,
		type_vocab_size: 1,
		vocab_size: vocabularySize,
	});
	json("tokenizer.json", tokenizer);
	json("tokenizer_config.json", {
		tokenizer_class: "LongformerTokenizer",
		model_max_length: longformerLength,
		...{ bos_token: "<s>", cls_token: "<s>", eos_token: "</s>", sep_token: "</s>" },
		...{ pad_token: "<pad>", unk_token: "<unk>", mask_token: "<mask>" },
	});
	writeFileSync(join(folder, "model.safetensors"), encodeSafetensors(weights(vocabularySize)));
	return folder;
}

/** Weights as transformers initialises them, but larger, so that outputs differ. */
function weights(vocabularySize: number): ReadonlyMap<string, StoredTensor> {
	const stored = new Map<string, StoredTensor>();
	let state = 1;
	// Park and Miller's generator; the sum of four is near enough to a normal distribution.
	const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
	const put = (name: string, shape: number[], value: () => number) => {
		const values = Float32Array.from({ length: shape.reduce((size, axis) => size * axis, 1) }, value);
		stored.set(name, { shape, values });
	};
	const drawn = () => 0.2 * (uniform() + uniform() + uniform() + uniform());
	const linear = (name: string, from: number, to: number) => {
		put(`${name}.weight`, [to, from], drawn);
		put(`${name}.bias`, [to], drawn);
	};
	const norm = (name: string) => {
		put(`${name}.weight`, [sizes.dim], () => 1);
		put(`${name}.bias`, [sizes.dim], () => 0);
	};
	put("longformer.embeddings.word_embeddings.weight", [vocabularySize, sizes.dim], drawn);
	put("longformer.embeddings.position_embeddings.weight", [sizes.positions, sizes.dim], drawn);
	put("longformer.embeddings.token_type_embeddings.weight", [1, sizes.dim], drawn);
	norm("longformer.embeddings.LayerNorm");
	for (let layer = 0; layer < sizes.layers; layer++) {
		const name = `longformer.encoder.layer.${layer}`;
		for (const part of ["query", "key", "value", "query_global", "key_global", "value_global"])
			linear(`${name}.attention.self.${part}`, sizes.dim, sizes.dim);
		linear(`${name}.attention.output.dense`, sizes.dim, sizes.dim);
		norm(`${name}.attention.output.LayerNorm`);
		linear(`${name}.intermediate.dense`, sizes.dim, sizes.hidden);
		linear(`${name}.output.dense`, sizes.hidden, sizes.dim);
		norm(`${name}.output.LayerNorm`);
	}
	linear("qa_outputs", sizes.dim, 2);
	return stored;
}

/** A tokenizer.json in the manner of RoBERTa's: bytes as characters, and merges of some common pairs. */
function byteLevelTokenizer() {
	const characters = byteCharacters();
	const merges = ["Ġ t", "h e", "Ġt he", "e r", "i n", "o n", "Ġ a", "r e", "Ġ l", "i g", "h t", "Ġl ig", "Ġlig ht"];
	const tokens = [...specialTokens.slice(0, 4), ...characters, ...merges.map((merge) => merge.replace(" ", ""))];
	const vocab = Object.fromEntries([...tokens, "<mask>"].map((token, id) => [token, id]));
	return {
		version: "1.0",
		truncation: null,
		padding: null,
		added_tokens: specialTokens.map((content) => ({
			...{ id: vocab[content] as number, content, special: true, normalized: false },
			...{ single_word: false, lstrip: content === "<mask>", rstrip: false },
		})),
		normalizer: null,
		pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
		post_processor: {
			...{ type: "RobertaProcessing", sep: ["</s>", vocab["</s>"]], cls: ["<s>", vocab["<s>"]] },
			...{ trim_offsets: true, add_prefix_space: false },
		},
		decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
		model: {
			...{ type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: "", end_of_word_suffix: "" },
			...{ fuse_unk: false, byte_fallback: false, vocab, merges },
		},
	};
}

/** GPT-2's characters of the bytes: visible ones stand for themselves, others for characters from U+0100. */
function byteCharacters(): string[] {
	let others = 0;
	return Array.from({ length: 256 }, (_, byte) => {
		const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
		return String.fromCodePoint(visible ? byte : 256 + others++);
	});
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generationSettings } from "../generate/settings/generation-settings.js";
import { init } from "../init.js";
import { intTensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import type { EncoderDecoderInputs } from "./architecture.js";
import { loadModel } from "./auto/load-model.js";
import type { ConfigJson } from "./config/config-fields.js";
import type { WeightSource } from "./parameters/weight-source.js";
import type { Task } from "./tasks.js";

// The fields of config.json of well-known checkpoints, with their values but for sizes, which are small.

const numbered = { id2label: { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" }, _num_labels: 3 };
const numberedBack = { label2id: { LABEL_0: 0, LABEL_1: 1, LABEL_2: 2 } };

const encoder = {
	...{ attention_probs_dropout_prob: 0.1, hidden_dropout_prob: 0.1, hidden_size: 32, initializer_range: 0.02 },
	...{ intermediate_size: 48, num_attention_heads: 4, num_hidden_layers: 2, vocab_size: 80 },
};
const bert = {
	...{ ...encoder, gradient_checkpointing: false, hidden_act: "gelu", layer_norm_eps: 1e-12, model_type: "bert" },
	...{ max_position_embeddings: 64, pad_token_id: 0, type_vocab_size: 2 },
};
const roberta = {
	...{ ...encoder, bos_token_id: 0, eos_token_id: 2, hidden_act: "gelu", layer_norm_eps: 1e-5, model_type: "roberta" },
	...{ max_position_embeddings: 66, pad_token_id: 1, type_vocab_size: 1 },
};
const longformer = {
	...{ ...roberta, attention_mode: "longformer", attention_window: [8, 8], gradient_checkpointing: false },
	...{ ignore_attention_mask: false, model_type: "longformer", sep_token_id: 2 },
};
const bigBird = {
	...{ ...encoder, attention_type: "block_sparse", block_size: 4, bos_token_id: 1, eos_token_id: 2 },
	...{ gradient_checkpointing: false, hidden_act: "gelu_new", layer_norm_eps: 1e-12, max_position_embeddings: 64 },
	...{ model_type: "big_bird", num_random_blocks: 1, pad_token_id: 0, position_embedding_type: "absolute" },
	...{ rescale_embeddings: false, sep_token_id: 66, transformers_version: "4.4.0.dev0", type_vocab_size: 2 },
	...{ use_bias: true, use_cache: true },
};
const encoderDecoder = {
	...{ activation_dropout: 0, attention_dropout: 0, classifier_dropout: 0, d_model: 32, dropout: 0.1, init_std: 0.02 },
	...{ decoder_attention_heads: 4, decoder_ffn_dim: 48, decoder_layerdrop: 0, decoder_layers: 2 },
	...{ encoder_attention_heads: 4, encoder_ffn_dim: 48, encoder_layerdrop: 0, encoder_layers: 2 },
	...{ decoder_start_token_id: 2, gradient_checkpointing: false, is_encoder_decoder: true, num_hidden_layers: 2 },
	vocab_size: 80,
};
const bart = {
	...{ ...encoderDecoder, ...numbered, ...numberedBack, activation_function: "gelu", add_final_layer_norm: false },
	...{ bos_token_id: 0, classif_dropout: 0, eos_token_id: 2, forced_eos_token_id: 2, max_position_embeddings: 64 },
	...{ model_type: "bart", normalize_before: false, pad_token_id: 1, scale_embedding: false, use_cache: true },
};
const cnn = { early_stopping: true, length_penalty: 2, max_length: 142, min_length: 56, no_repeat_ngram_size: 3 };
const bartForCnn = {
	...{ ...bart, ...cnn, num_beams: 4, force_bos_token_to_be_generated: true, forced_bos_token_id: 0 },
	...{ output_past: true, prefix: " ", task_specific_params: { summarization: { ...cnn, num_beams: 4 } } },
};
const led = {
	...{ ...encoderDecoder, ...numbered, ...numberedBack, _name_or_path: "./", activation_function: "gelu" },
	...{ attention_window: [8, 8], bos_token_id: 0, classif_dropout: 0, eos_token_id: 2, model_type: "led" },
	...{ max_decoder_position_embeddings: 64, max_encoder_position_embeddings: 64, pad_token_id: 1, use_cache: false },
};
const pegasus = {
	...{ ...encoderDecoder, activation_function: "gelu_new", attention_type: "block_sparse", block_size: 4 },
	...{ bos_token_id: 2, eos_token_id: 1, length_penalty: 0.8, max_length: 256, max_position_embeddings: 64 },
	...{ model_type: "bigbird_pegasus", num_beams: 5, num_random_blocks: 1, pad_token_id: 0, scale_embedding: true },
	...{ tokenizer_class: "PegasusTokenizer", torch_dtype: "float32", use_bias: false, use_cache: true },
};
const reformer = {
	...{ attention_head_size: 8, attention_probs_dropout_prob: 0.1, axial_norm_std: 1, axial_pos_embds: true },
	...{ axial_pos_embds_dim: [8, 24], axial_pos_shape: [8, 8], chunk_size_feed_forward: 0, chunk_size_lm_head: 0 },
	...{ eos_token_id: 2, feed_forward_size: 48, hash_seed: null, hidden_act: "relu", hidden_dropout_prob: 0.05 },
	...{ hidden_size: 32, initializer_range: 0.02, intermediate_size: 3072, is_decoder: true, layer_norm_eps: 1e-12 },
	...{ local_attention_probs_dropout_prob: 0.05, local_num_chunks_after: 0, local_num_chunks_before: 1 },
	...{ lsh_attention_probs_dropout_prob: 0, lsh_num_chunks_after: 0, lsh_num_chunks_before: 1 },
	...{ max_position_embeddings: 64, model_type: "reformer", num_attention_heads: 2, num_chunks_after: 0 },
	...{ num_chunks_before: 1, output_past: true, pad_token_id: 0, vocab_size: 80 },
	task_specific_params: { "text-generation": { do_sample: true, max_length: 100 } },
};
const entities = { 0: "O", 1: "B-MISC", 2: "I-MISC", 3: "B-PER", 4: "I-PER" };

const configs: readonly (readonly [id: string, task: Task, config: ConfigJson])[] = [
	[
		"google-bert/bert-base-uncased",
		"masked-lm",
		{ ...bert, architectures: ["BertForMaskedLM"], position_embedding_type: "absolute", use_cache: true },
	],
	[
		"google-bert/bert-base-multilingual-cased",
		"base",
		{
			...{ ...bert, directionality: "bidi", pooler_fc_size: 768, pooler_num_attention_heads: 12 },
			...{ pooler_num_fc_layers: 3, pooler_size_per_head: 128, pooler_type: "first_token_transform" },
		},
	],
	[
		"dslim/bert-base-NER",
		"token-classification",
		{
			...{ ...bert, _num_labels: 5, output_past: true, id2label: entities },
			label2id: { "B-MISC": 1, "B-PER": 3, "I-MISC": 2, "I-PER": 4, O: 0 },
		},
	],
	["BAAI/bge-small-en-v1.5", "base", { ...bert, classifier_dropout: null, torch_dtype: "float32", ...numbered }],
	["FacebookAI/roberta-base", "masked-lm", { ...roberta, architectures: ["RobertaForMaskedLM"] }],
	[
		"deepset/roberta-base-squad2",
		"question-answering",
		{ ...roberta, architectures: ["RobertaForQuestionAnswering"], language: "english", name: "Roberta" },
	],
	[
		"FacebookAI/roberta-large-mnli",
		"sequence-classification",
		{ ...roberta, _num_labels: 3, id2label: { 0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT" } },
	],
	["allenai/longformer-base-4096", "masked-lm", longformer],
	[
		"allenai/longformer-large-4096-finetuned-triviaqa",
		"question-answering",
		{ ...longformer, architectures: ["LongformerForQuestionAnswering"] },
	],
	["google/bigbird-roberta-base", "masked-lm", { ...bigBird, architectures: ["BigBirdForPreTraining"] }],
	["google/bigbird-base-trivia-itc", "question-answering", { ...bigBird, type_vocab_size: 16 }],
	[
		"facebook/bart-base",
		"seq2seq-lm",
		{ ...bart, add_bias_logits: false, normalize_embedding: true, torch_dtype: "float32", num_beams: 4 },
	],
	["facebook/bart-large-cnn", "seq2seq-lm", bartForCnn],
	[
		"facebook/bart-large-xsum",
		"seq2seq-lm",
		{
			...{ ...bartForCnn, do_blenderbot_90_layernorm: false, extra_pos_embeddings: 2, replacing_rate: 0 },
			...{
				save_step: 13,
				static_position_embeddings: false,
				student_decoder_layers: null,
				student_encoder_layers: null,
			},
		},
	],
	[
		"facebook/bart-large-mnli",
		"sequence-classification",
		{ ...bart, id2label: { 0: "contradiction", 1: "neutral", 2: "entailment" } },
	],
	["allenai/led-base-16384", "seq2seq-lm", { ...led, architectures: ["LEDForConditionalGeneration"] }],
	[
		"allenai/led-large-16384-arxiv",
		"seq2seq-lm",
		{ ...led, early_stopping: true, length_penalty: 2, max_length: 512, min_length: 100, num_beams: 4 },
	],
	["google/bigbird-pegasus-large-arxiv", "seq2seq-lm", pegasus],
	[
		"google/reformer-crime-and-punishment",
		"causal-lm",
		{
			...{ ...reformer, attn_layers: ["local", "lsh"], local_attn_chunk_length: 8, lsh_attn_chunk_length: 8 },
			...{ num_buckets: [4, 2], num_hashes: 1, num_hidden_layers: 2 },
		},
	],
	[
		"google/reformer-enwik8",
		"causal-lm",
		{
			...{ ...reformer, attn_layers: ["local", "local", "lsh"], local_attn_chunk_length: 8, lsh_attn_chunk_length: 16 },
			...{ num_buckets: 4, num_hashes: 4, num_hidden_layers: 3 },
		},
	],
];

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 1 });
});
afterAll(() => device.dispose());

const noWeights: WeightSource = {
	location: "released",
	names: [],
	shapeOf: () => undefined,
	read: () => Promise.reject(new Error("there are no weights")),
};

describe.each(configs)("%s", (_id, task, config) => {
	it("is loaded with all its fields, and runs", async () => {
		const checkpoint = { location: "released", config, generationConfig: {}, weights: noWeights };
		const model = await loadModel(task, checkpoint, { device, format: "float32", drawMissing: 1 });
		const ids = [...Array.from({ length: 40 }, (_, at) => 3 + ((at * 7) % 60)), 66, 2];
		const inputIds = intTensor(ids, [1, ids.length]);
		const outputs = scope(() =>
			model.forward({ inputIds, ...(task === "seq2seq-lm" && { decoderInputIds: inputIds }) } as EncoderDecoderInputs),
		);
		expect((await outputs.lastHiddenState.data()).every(Number.isFinite)).toBe(true);
		model.dispose();
	});
});

/** How the checkpoint of an id writes, as its config.json alone says. */
function settings(id: string, task: string) {
	const [, , config] = configs.find(([each]) => each === id) as (typeof configs)[number];
	return generationSettings({}, config, {}, task);
}

describe("what older files say of generation in config.json is heeded", () => {
	it("by BART", () =>
		expect(settings("facebook/bart-large-cnn", "summarization")).toMatchObject({
			...{ numBeams: 4, lengthPenalty: 2, minLength: 56, maxLength: 142, noRepeatNgramSize: 3, earlyStopping: true },
			...{ forcedBosTokenId: 0, forcedEosTokenId: [2], decoderStartTokenId: 2 },
		}));

	it("by BigBird-Pegasus", () =>
		expect(settings("google/bigbird-pegasus-large-arxiv", "summarization")).toMatchObject({
			...{ numBeams: 5, lengthPenalty: 0.8, maxLength: 256, decoderStartTokenId: 2, eosTokenId: [1] },
		}));

	it("by Reformer", () =>
		expect(settings("google/reformer-crime-and-punishment", "text-generation")).toMatchObject({
			...{ doSample: true, maxLength: 100 },
		}));
});

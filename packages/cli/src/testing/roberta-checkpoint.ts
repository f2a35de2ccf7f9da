import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { modelFromCheckpoint, type OpenCheckpoint, savePretrained } from "longspan";

const words = ["the", "cat", "sat", "on", "a", "mat", "dog", "ran", "to", "good", "bad", "very", "and", "."];
const specialTokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

/** Most tokens of a text. */
export const robertaLength = 16;

/** Writes a tiny RoBERTa with drawn weights and a tokenizer of some words into a folder. Needs a current device. */
export async function writeRoberta(folder: string): Promise<void> {
	const vocab = [...specialTokens, ...words];
	const checkpoint: OpenCheckpoint = {
		location: "a drawn RoBERTa",
		config: {
			model_type: "roberta",
			vocab_size: vocab.length,
			...{ hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 32 },
			...{ max_position_embeddings: robertaLength + 2, type_vocab_size: 1, layer_norm_eps: 1e-5 },
			...{ bos_token_id: 0, pad_token_id: 1, eos_token_id: 2, hidden_dropout_prob: 0.1 },
		},
		generationConfig: {},
		weights: {
			location: "nowhere",
			names: [],
			shapeOf: () => undefined,
			read: () => Promise.reject(new Error("there are no weights")),
		},
	};
	const model = await modelFromCheckpoint("masked-lm", checkpoint, { trainable: true, drawMissing: 1 });
	await savePretrained(model, folder);
	model.dispose();
	const json = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));
	const framed = (type: "single" | "pair") => [
		{ SpecialToken: { id: "<s>", type_id: 0 } },
		{ Sequence: { id: "A", type_id: 0 } },
		{ SpecialToken: { id: "</s>", type_id: 0 } },
		...(type === "pair" ? [{ Sequence: { id: "B", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }] : []),
	];
	const idOf = (token: string) => ({ id: token, ids: [vocab.indexOf(token)], tokens: [token] });
	json("tokenizer.json", {
		version: "1.0",
		...{ truncation: null, padding: null, normalizer: null, decoder: null },
		added_tokens: specialTokens.map((content, id) => ({
			...{ id, content, special: true, normalized: false, single_word: false, lstrip: false, rstrip: false },
		})),
		pre_tokenizer: { type: "WhitespaceSplit" },
		post_processor: {
			...{ type: "TemplateProcessing", single: framed("single"), pair: framed("pair") },
			special_tokens: { "<s>": idOf("<s>"), "</s>": idOf("</s>") },
		},
		model: { type: "WordLevel", vocab: Object.fromEntries(vocab.map((token, id) => [token, id])), unk_token: "<unk>" },
	});
	json("tokenizer_config.json", {
		tokenizer_class: "PreTrainedTokenizerFast",
		model_max_length: robertaLength,
		...{ bos_token: "<s>", cls_token: "<s>", eos_token: "</s>", sep_token: "</s>" },
		...{ pad_token: "<pad>", unk_token: "<unk>", mask_token: "<mask>" },
	});
}

import { ConfigFields } from "../pretrained/config/config-fields.js";
import { saveWeights } from "../pretrained/files/save/save-weights.js";
import { longformerType } from "../pretrained/longformer/index.js";
import type { Task } from "../pretrained/tasks.js";
import { createClass } from "./formula-model.js";
import { formulaWeights } from "./formula-weights.js";
import { type MemoryFiles, memoryFiles } from "./memory-files.js";

const special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];
/** Printable characters of ASCII, a blank as byte-level tokenizers write it. */
const characters = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).concat("Ġ");
const vocabulary = [...special, ...characters];

const config = {
	...{ architectures: ["LongformerForMaskedLM"], model_type: "longformer", attention_window: [8, 4] },
	...{ vocab_size: vocabulary.length, hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4 },
	...{ intermediate_size: 64, max_position_embeddings: 130, type_vocab_size: 1, layer_norm_eps: 1e-5 },
	...{ bos_token_id: 0, pad_token_id: 1, eos_token_id: 2, sep_token_id: 2 },
};

const tokenizer = {
	version: "1.0",
	added_tokens: special.map((content, id) => ({
		...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
	})),
	normalizer: null,
	pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
	post_processor: {
		...{ type: "RobertaProcessing", sep: ["</s>", 2], cls: ["<s>", 0] },
		...{ trim_offsets: true, add_prefix_space: false },
	},
	decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
	model: {
		...{ type: "BPE", unk_token: "<unk>", merges: [] },
		vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
	},
};

const tokenizerConfig = {
	...{ bos_token: "<s>", eos_token: "</s>", sep_token: "</s>", cls_token: "<s>", unk_token: "<unk>" },
	...{ pad_token: "<pad>", mask_token: "<mask>", model_max_length: 128 },
};

/** The files of a Longformer of two layers that reads characters, with weights by formula. */
export async function tinyCheckpoint(task: Task): Promise<MemoryFiles> {
	const { declared } = createClass(longformerType, task, new ConfigFields("config.json", config));
	const files = memoryFiles({
		"config.json": JSON.stringify(config),
		"tokenizer.json": JSON.stringify(tokenizer),
		"tokenizer_config.json": JSON.stringify(tokenizerConfig),
	});
	await saveWeights(files, formulaWeights(declared));
	return files;
}

import type { ConfigJson } from "../config/config-fields.js";
import type { LengthenSettings } from "./options.js";

/** What config.json of both kinds may leave out. */
const commonDefaults = {
	hidden_size: 768,
	num_hidden_layers: 12,
	num_attention_heads: 12,
	intermediate_size: 3072,
	hidden_act: "gelu",
	hidden_dropout_prob: 0.1,
	attention_probs_dropout_prob: 0.1,
	type_vocab_size: 2,
	initializer_range: 0.02,
	layer_norm_eps: 1e-12,
	tie_word_embeddings: true,
};

const defaults: Readonly<Record<ShortModelType, ConfigJson>> = {
	bert: { ...commonDefaults, vocab_size: 30522, pad_token_id: 0 },
	roberta: { ...commonDefaults, vocab_size: 50265, pad_token_id: 1, bos_token_id: 0, eos_token_id: 2 },
};

/** Kinds of models that can be lengthened. */
export type ShortModelType = "bert" | "roberta";

/** Fields that a file may have or not, and that mean the same in all kinds. */
const carried = [
	"bos_token_id",
	"eos_token_id",
	"sep_token_id",
	"cls_token_id",
	"mask_token_id",
	"unk_token_id",
	"classifier_dropout",
	"finetuning_task",
	"id2label",
	"label2id",
	"num_labels",
	"_num_labels",
	"problem_type",
	"dtype",
	"torch_dtype",
];

/** Where the positions of a kind start in its table: RoBERTa and Longformer leave rows for padding and those before it. */
export function firstPosition(type: ShortModelType | LengthenSettings["to"], padId: number): number {
	return type === "roberta" || type === "longformer" ? padId + 1 : 0;
}

/** The id of padding in the config.json of a model that can be lengthened. */
export function padIdOf(type: ShortModelType, config: ConfigJson): number {
	return (config.pad_token_id ?? defaults[type].pad_token_id) as number;
}

/** config.json of the lengthened model. Nothing is left to defaults, which differ between the kinds. */
export function lengthenedConfig(
	type: ShortModelType,
	config: ConfigJson,
	className: string,
	{ to, length, window, blockSize, randomBlocks, separatorId }: LengthenSettings,
): ConfigJson {
	const own = defaults[type];
	const shared = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, config[name] ?? value]));
	const further = Object.fromEntries(carried.flatMap((name) => (config[name] == null ? [] : [[name, config[name]]])));
	const separator = separatorId ?? config.sep_token_id ?? (type === "roberta" ? shared.eos_token_id : undefined);
	return {
		architectures: [className],
		model_type: to,
		...shared,
		...further,
		...(separator !== undefined && { sep_token_id: separator }),
		max_position_embeddings: length + firstPosition(to, padIdOf(type, config)),
		...(to === "longformer"
			? { attention_window: new Array(shared.num_hidden_layers as number).fill(window) }
			: {
					attention_type: "block_sparse",
					block_size: blockSize,
					num_random_blocks: randomBlocks,
					use_bias: true,
					rescale_embeddings: false,
				}),
	};
}

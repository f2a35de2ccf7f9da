import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors } from "longspan";

const words = "the keeper lit lamp and sea was calm who what . , ? this example is light storm ada".split(" ");
const specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/** Classes of the checkpoint, of texts and of tokens. */
export const checkpointLabels = ["contradiction", "neutral", "entailment"];
/** Most tokens of an input of the checkpoint. */
export const checkpointLength = 32;

/**
 * Writes a small BERT checkpoint in the Hugging Face layout with all heads: for masks, questions, and classes of texts and tokens. Its
 * tokens are a few words; weights are a formula of their names.
 */
export function writeCheckpoint(folder: string): void {
	const [width, inner, layers] = [16, 24, 2];
	const vocabulary = [...specials, ...words];
	const shapes = new Map<string, readonly number[]>();
	const dense = (name: string, out: number, from: number) => {
		shapes.set(`${name}.weight`, [out, from]);
		shapes.set(`${name}.bias`, [out]);
	};
	const norm = (name: string) => {
		for (const part of ["weight", "bias"]) shapes.set(`${name}.LayerNorm.${part}`, [width]);
	};
	const sizes = { word: vocabulary.length, position: checkpointLength, token_type: 2 };
	for (const [kind, size] of Object.entries(sizes))
		shapes.set(`bert.embeddings.${kind}_embeddings.weight`, [size, width]);
	norm("bert.embeddings");
	for (let layer = 0; layer < layers; layer++) {
		const prefix = `bert.encoder.layer.${layer}`;
		for (const part of ["query", "key", "value"]) dense(`${prefix}.attention.self.${part}`, width, width);
		dense(`${prefix}.attention.output.dense`, width, width);
		norm(`${prefix}.attention.output`);
		dense(`${prefix}.intermediate.dense`, inner, width);
		dense(`${prefix}.output.dense`, width, inner);
		norm(`${prefix}.output`);
	}
	dense("bert.pooler.dense", width, width);
	dense("classifier", checkpointLabels.length, width);
	dense("qa_outputs", 2, width);
	dense("cls.predictions.transform.dense", width, width);
	norm("cls.predictions.transform");
	shapes.set("cls.predictions.bias", [vocabulary.length]);
	const tensors = [...shapes].map(([name, shape]) => {
		const size = shape.reduce((product, length) => product * length, 1);
		return [name, { shape, values: weightsOf(name, size) }] as const;
	});
	mkdirSync(folder, { recursive: true });
	const write = (name: string, content: object) => writeFileSync(join(folder, name), JSON.stringify(content));
	writeFileSync(join(folder, "model.safetensors"), encodeSafetensors(new Map(tensors)));
	write("config.json", {
		...{ model_type: "bert", architectures: ["BertForMaskedLM"], hidden_act: "gelu" },
		...{ vocab_size: vocabulary.length, hidden_size: width, intermediate_size: inner },
		...{ num_hidden_layers: layers, num_attention_heads: 2, type_vocab_size: 2 },
		...{ max_position_embeddings: checkpointLength, pad_token_id: 0 },
		id2label: Object.fromEntries(checkpointLabels.map((label, index) => [index, label])),
		label2id: Object.fromEntries(checkpointLabels.map((label, index) => [label, index])),
	});
	const special = (content: string) => ({ id: content, ids: [vocabulary.indexOf(content)], tokens: [content] });
	write("tokenizer.json", {
		version: "1.0",
		...{ truncation: null, padding: null, normalizer: { type: "Lowercase" }, pre_tokenizer: { type: "Whitespace" } },
		added_tokens: specials.map((content, id) => ({
			...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
		})),
		post_processor: {
			type: "TemplateProcessing",
			single: ["[CLS]", "A:0", "[SEP]"].map(templatePart),
			pair: ["[CLS]", "A:0", "[SEP]", "B:1", "[SEP]:1"].map(templatePart),
			special_tokens: { "[CLS]": special("[CLS]"), "[SEP]": special("[SEP]") },
		},
		decoder: { type: "WordPiece", prefix: "##", cleanup: true },
		model: {
			type: "WordLevel",
			vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
			unk_token: "[UNK]",
		},
	});
	write("tokenizer_config.json", {
		...{ tokenizer_class: "PreTrainedTokenizerFast", model_max_length: checkpointLength },
		...{ pad_token: "[PAD]", unk_token: "[UNK]", cls_token: "[CLS]", sep_token: "[SEP]", mask_token: "[MASK]" },
	});
}

/** A part of a template as "[CLS]" or "A:0": a special token or text, with its type. */
function templatePart(part: string): object {
	const [, id, type = "0"] = /^(.+?)(?::(\d))?$/.exec(part) ?? [];
	return { [id === "A" || id === "B" ? "Sequence" : "SpecialToken"]: { id, type_id: Number(type) } };
}

/** Norms are around 1. */
function weightsOf(name: string, size: number): Float32Array {
	const shift = [...name].reduce((sum, character) => sum + (character.codePointAt(0) as number), 0);
	const isNorm = name.endsWith("LayerNorm.weight");
	return Float32Array.from({ length: size }, (_, index) => {
		const wave = Math.sin(0.7 * index + 0.013 * index * index + shift);
		return isNorm ? 1 + 0.2 * wave : 0.5 * wave;
	});
}

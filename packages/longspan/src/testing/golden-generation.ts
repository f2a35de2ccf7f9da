import { type GeneratedSequence, generateTokens, generationSettings } from "../generate/index.js";
import type { PretrainedModel } from "../pretrained/model.js";
import { keep, scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { GoldenModel } from "./golden-models.js";

/** A generation of a golden case. */
export interface GoldenGeneration {
	readonly name: string;
	/** Of encoder–decoders. */
	readonly args?: Readonly<Record<string, string>>;
	/** Of language models. */
	readonly input_ids: string;
	readonly options: Readonly<Record<string, unknown>>;
	readonly sequences: string;
	readonly scores?: string;
	readonly scores_atol: number;
}

/** Writes what a golden case says: the sequences of each entry, and the best whole ones, padded to the width that is stored. */
export async function generateGolden(
	golden: GoldenModel,
	model: PretrainedModel,
	generation: GoldenGeneration,
): Promise<{ found: GeneratedSequence[][]; sequences: number[][] }> {
	const call = { args: generation.args ?? { input_ids: generation.input_ids } };
	const ids = golden.stored(call.args.input_ids as string);
	const [entries, length] = ids.shape as readonly [number, number];
	const decoderOnly = model.task === "causal-lm";
	// Every call of a model with a hash seed has the rotations of the first.
	const rotations = decoderOnly ? [1, 3].map((layer) => keep(golden.floats(`a.rotations.${layer}`))) : undefined;
	const session = scope(() =>
		model.startDecoding({
			inputIds: golden.ids(call, "input_ids") as Tensor<"int32">,
			attentionMask: golden.ids(call, "attention_mask"),
			globalAttentionMask: golden.ids(call, "global_attention_mask"),
			rotations,
		}),
	);
	const { eos_token_id: eos, ...options } = generation.options;
	const given = eos === null ? { eosTokenId: null } : {};
	const asked = generationSettings({ ...model.generationConfig, ...options }, model.config, given);
	const start = Array.from({ length: entries }, (_, entry) =>
		decoderOnly
			? Array.from(ids.values.subarray(entry * length, (entry + 1) * length))
			: [asked.decoderStartTokenId as number],
	);
	const found = await generateTokens(session, start, asked);
	session.dispose();
	for (const tensor of rotations ?? []) tensor.dispose();
	const width = golden.stored(generation.sequences).shape[1] as number;
	const sequences = found.map(([best], entry) => {
		const own = [...(start[entry] as number[]), ...(best?.ids ?? [])];
		return [...own, ...new Array<number>(Math.max(0, width - own.length)).fill(asked.padTokenId as number)];
	});
	return { found, sequences };
}

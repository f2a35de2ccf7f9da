import type { Features, Pipeline } from "longspan";
import { jsonNumbers } from "../../pipelines/json-numbers.js";
import { countTokens } from "./count-tokens.js";
import type { Pipelines } from "./pipelines.js";
import type { EmbeddingsCall, ModelAnswer } from "./served-model.js";

/** Embeds texts: the answer of OpenAI's /v1/embeddings, with "overflow" by text if some was too long. */
export async function runEmbeddings(
	pipelines: Pipelines,
	{ texts, format, parameters, model }: EmbeddingsCall,
	signal: AbortSignal,
): Promise<ModelAnswer> {
	const extract = pipelines.get("feature-extraction") as Pipeline<"feature-extraction">;
	const features: Features = await extract(texts, { ...parameters, signal });
	const width = features.dims[1] as number;
	const data = texts.map((_, index) => {
		const vector = features.data.subarray(index * width, (index + 1) * width);
		return { object: "embedding", index, embedding: format === "float" ? jsonNumbers(vector) : base64(vector) };
	});
	const overflow = features.overflow?.map((each) => each ?? null);
	const dropped = overflow?.reduce((sum, each) => sum + (each?.dropped ?? 0), 0) ?? 0;
	const tokens = countTokens(extract.tokenizer, texts) - dropped;
	const usage = { prompt_tokens: tokens, total_tokens: tokens };
	return { json: JSON.stringify({ object: "list", data, model, usage, ...(overflow && { overflow }) }), tokens };
}

/** Little-endian float32. */
function base64({ buffer, byteOffset, byteLength }: Features["data"]): string {
	return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

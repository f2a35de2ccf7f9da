import type { EmbeddingsCall } from "../model/served-model.js";
import type { EmbeddingSettings, ServeSettings } from "../settings.js";
import { ApiError, invalidRequest } from "./api-error.js";
import { type Body, checkFields } from "./read-body.js";

/** As many as OpenAI's interface takes. */
const mostInputs = 2048;

/** Fields of OpenAI's, then those of `feature-extraction` that a request may change. */
const fields = ["input", "model", "encoding_format", "user", "overflow", "stride", "window", "pooling", "normalize"];

/** Reads the body of POST /v1/embeddings. */
export function embeddingsCall(
	body: Body,
	name: string,
	{ pooling, normalize, reading }: EmbeddingSettings & Pick<ServeSettings, "reading">,
): EmbeddingsCall {
	if (body.dimensions !== undefined)
		throw invalidRequest("dimensions: embeddings have the width of the model; expected none", "dimensions");
	checkFields(body, fields);
	const { input, model = name, encoding_format: format = "float", user: _, ...parameters } = body;
	if (model !== name)
		throw new ApiError(404, "model_not_found", `The model ${JSON.stringify(model)} is not here; expected "${name}".`, {
			param: "model",
		});
	if (format !== "float" && format !== "base64")
		throw invalidRequest(
			`encoding_format is ${JSON.stringify(format)}; expected "float" or "base64"`,
			"encoding_format",
		);
	if (parameters.pooling === "none")
		throw invalidRequest(
			'pooling is "none"; expected "mean" or "cls", or POST /pipelines/feature-extraction',
			"pooling",
		);
	return {
		...{ kind: "embeddings", texts: textsOf(input), format, model: name },
		parameters: { ...reading, pooling, normalize, ...parameters },
	};
}

function textsOf(input: unknown): readonly string[] {
	const texts: readonly unknown[] = Array.isArray(input) ? input : [input];
	if (texts.length === 0 || texts.length > mostInputs)
		throw invalidRequest(`input has ${texts.length} entries; expected 1 to ${mostInputs}`, "input");
	for (const text of texts) {
		if (typeof text === "number" || Array.isArray(text))
			throw invalidRequest("input holds token ids; expected texts, which the server turns into tokens", "input");
		if (typeof text !== "string") throw invalidRequest("input: expected a text or an array of texts", "input");
		if (text === "") throw invalidRequest("input holds an empty text; expected at least one character", "input");
	}
	return texts as readonly string[];
}

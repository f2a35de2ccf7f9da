import type { ModelClass, ModelType } from "../auto/model-type.js";
import type { ConfigFields } from "../config/config-fields.js";
import { readLabels } from "../config/labels.js";
import type { Declared } from "../parameters/declare.js";
import { encoderDecoderClassifier, encoderDecoderSpans } from "./heads.js";
import { encoderDecoderLanguageModel } from "./language-model.js";
import { type EncoderDecoderFamily, encoderDecoderModel } from "./model.js";

/** The classes of a member of the family, whose names begin with `name`, such as "LED". */
export function encoderDecoderClasses<D extends Declared>(
	name: string,
	read: (fields: ConfigFields) => EncoderDecoderFamily<D>,
): ModelType["classes"] {
	const named = (suffix: string, create: ModelClass["create"]): ModelClass => ({ name: `${name}${suffix}`, create });
	return {
		base: named("Model", (fields) => encoderDecoderModel(read(fields))),
		"seq2seq-lm": named("ForConditionalGeneration", (fields) => encoderDecoderLanguageModel(read(fields))),
		"sequence-classification": named("ForSequenceClassification", (fields) =>
			encoderDecoderClassifier(read(fields), readLabels(fields).length),
		),
		"question-answering": named("ForQuestionAnswering", (fields) => encoderDecoderSpans(read(fields))),
	};
}

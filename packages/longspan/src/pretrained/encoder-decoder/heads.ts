import { OptionError, ShapeError } from "../../errors.js";
import { foldIn } from "../../nn/forward-options.js";
import { embedding } from "../../ops/embedding.js";
import { reshape } from "../../ops/reshape.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Architecture } from "../architecture.js";
import { splitSpans } from "../heads/spans.js";
import { drop } from "../layers/drop.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import type { Declared } from "../parameters/declare.js";
import type { EncoderDecoderOutputs, LogitsOutputs, SpanOutputs } from "../tasks.js";
import type { EncoderDecoderConfig } from "./config.js";
import { declareEncoderDecoder, type EncoderDecoderFamily, encoderDecoderModel, type ReadingInputs } from "./model.js";

function declareClassifier<D extends Declared>(family: EncoderDecoderFamily<D>, labels: number) {
	const { width } = family.config;
	return {
		model: declareEncoderDecoder(family),
		dense: declareLinear("classification_head.dense", width, width),
		project: declareLinear("classification_head.out_proj", width, labels),
	};
}

/** Scores of classes of a text, from the decoder's state of its last end token: project(tanh(dense(state))). */
export function encoderDecoderClassifier<D extends Declared>(
	family: EncoderDecoderFamily<D>,
	labels: number,
): Architecture<ReadingInputs, LogitsOutputs & EncoderDecoderOutputs, ReturnType<typeof declareClassifier<D>>> {
	const { config } = family;
	const base = encoderDecoderModel(family);
	return {
		declared: declareClassifier(family, labels),
		forward: ({ model, dense, project }, inputs, options = {}) =>
			scope(() => {
				const states = base.forward(model, inputs, options);
				const ends = lastEnds(config, inputs, states.lastHiddenState.shape[1] as number);
				const rows = embedding(reshape(states.lastHiddenState, [-1, config.width]), ends);
				const random = foldIn(options.random, 2);
				const pooled = applyLinear(drop(rows, config.classifierDropout, foldIn(random, 0)), dense, "tanh");
				return { ...states, logits: applyLinear(drop(pooled, config.classifierDropout, foldIn(random, 1)), project) };
			}),
	};
}

/** The row of the decoder's states, [batch · length], of the last end token of each text. */
function lastEnds(
	{ name, endId }: EncoderDecoderConfig,
	{ inputIds }: ReadingInputs,
	decoderLength: number,
): Tensor<"int32"> {
	const [batch, length] = inputIds.shape as [number, number];
	if (decoderLength !== length)
		throw new ShapeError(
			`${name}: decoderInputIds have length ${decoderLength}, inputIds have shape ${formatShape(inputIds.shape)}; a classifier needs equal lengths`,
		);
	const ids = inputIds.dataSync();
	const rows = Array.from({ length: batch }, (_, entry) => {
		const end = ids.subarray(entry * length, (entry + 1) * length).lastIndexOf(endId);
		if (end < 0)
			throw new OptionError(
				`${name}: text ${entry} has no end token, ${endId}; a classifier reads its state, so end every text with it`,
			);
		return entry * length + end;
	});
	return intTensor(rows, [batch], inputIds.device);
}

function declareSpans<D extends Declared>(family: EncoderDecoderFamily<D>) {
	return { model: declareEncoderDecoder(family), spans: declareLinear("qa_outputs", family.config.width, 2) };
}

/** Scores of every token as the first and as the last of an answer, from the decoder's states. */
export function encoderDecoderSpans<D extends Declared>(
	family: EncoderDecoderFamily<D>,
): Architecture<ReadingInputs, SpanOutputs & EncoderDecoderOutputs, ReturnType<typeof declareSpans<D>>> {
	const base = encoderDecoderModel(family);
	return {
		declared: declareSpans(family),
		forward: ({ model, spans }, inputs, options) =>
			scope(() => {
				const states = base.forward(model, inputs, options);
				return { ...states, ...splitSpans(applyLinear(states.lastHiddenState, spans)) };
			}),
	};
}

import { foldIn } from "../../nn/forward-options.js";
import { add } from "../../ops/arithmetic.js";
import { reshape } from "../../ops/reshape.js";
import { intTensor, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs } from "../architecture.js";
import { type SpanLogits, splitSpans } from "../heads/spans.js";
import { defineHead } from "../heads/with-head.js";
import { drop } from "../layers/drop.js";
import type { Encoder } from "../layers/encoder.js";
import { declareFeedForward, feedForward } from "../layers/feed-forward.js";
import { applyLinear, declareLinear } from "../layers/linear.js";

/** Added to the scores of the question, where no answer is. */
const outside = -1e6;

/** Where an answer starts and ends: a feed-forward layer and a projection of each token; the question is out of the competition. */
export function bigBirdSpanHead({ sizes }: Encoder, separatorId: number) {
	const { dim, hidden: channels, activation, epsilon, dropout } = sizes;
	return defineHead(
		{
			feedForward: declareFeedForward("qa_classifier", dim, channels),
			outputs: declareLinear("qa_classifier.qa_outputs", dim, 2),
		},
		(parameters, hidden, { inputIds }: EncoderInputs, random): SpanLogits =>
			scope(() => {
				const options = { activation, epsilon, dropout, random: foldIn(random, 1) };
				const seen = drop(hidden, dropout, foldIn(random, 0));
				const features = feedForward(parameters.feedForward, hidden, options, seen);
				const scores = applyLinear(features, parameters.outputs);
				return splitSpans(add(scores, penalties(inputIds, separatorId)));
			}),
	);
}

/** Types of the tokens where none are given: 0 for the question, up to the first separator, and 1 after it. */
export function withQuestionTypes(separatorId: number) {
	return (inputs: EncoderInputs): EncoderInputs => {
		const { inputIds, tokenTypeIds } = inputs;
		// Inputs of another form are refused by the encoder.
		if (tokenTypeIds || inputIds?.rank !== 2) return inputs;
		const length = inputIds.shape[1] as number;
		const lengths = questionLengths(inputIds, separatorId);
		const types = Int32Array.from({ length: inputIds.size }, (_, at) =>
			Number(at % length >= (lengths[Math.floor(at / length)] as number)),
		);
		return { ...inputs, tokenTypeIds: intTensor(types, inputIds.shape, inputIds.device) };
	};
}

/** What is added to the scores of each token, [batch, length, 1]: the first token stays, for "no answer". */
function penalties(inputIds: Tensor<"int32">, separatorId: number): Tensor {
	const [batch, length] = inputIds.shape as [number, number];
	const added = new Float32Array(batch * length);
	for (const [entry, end] of questionLengths(inputIds, separatorId).entries())
		added.fill(outside, entry * length + 1, entry * length + end);
	return reshape(tensor(added, [batch, length], inputIds.device), [batch, length, 1]);
}

/** Tokens of each question with the separator that ends it; 1 if there is none. */
function questionLengths(inputIds: Tensor<"int32">, separatorId: number): number[] {
	const [batch, length] = inputIds.shape as [number, number];
	const ids = inputIds.dataSync();
	return Array.from({ length: batch }, (_, entry) =>
		Math.max(1, ids.subarray(entry * length, (entry + 1) * length).indexOf(separatorId) + 1),
	);
}

import { ShapeError } from "../../errors.js";
import { checkObject, checkOperands } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Architecture, EncoderInputs } from "../architecture.js";
import type { Encoder } from "../layers/encoder.js";
import type { Declared } from "../parameters/declare.js";
import type { LogitsOutputs } from "../tasks.js";
import { choiceClassifier } from "./classification.js";
import { withHead } from "./with-head.js";

/**
 * Which of several texts is the one. All inputs are [batch, choices, length]; hidden states are those of
 * [batch · choices, length].
 *
 * @param prepare what the class makes of its inputs, [batch · choices, length] by then, before the encoder has them
 */
export function multipleChoiceModel<B extends Declared>(
	encoder: Encoder<B>,
	options: { pooler: string; dropout: number },
	prepare: (inputs: EncoderInputs) => EncoderInputs = (inputs) => inputs,
): Architecture<EncoderInputs, LogitsOutputs> {
	return withHead(encoder, choiceClassifier(encoder, options), (inputs: EncoderInputs) => {
		const { choices, ...flat } = flatten(encoder.name, inputs);
		return { ...prepare(flat), choices };
	}) as unknown as Architecture<EncoderInputs, LogitsOutputs>;
}

function flatten(name: string, inputs: EncoderInputs): EncoderInputs & { choices: number } {
	checkObject(name, "inputs", inputs);
	const flat = (argument: string, given: Tensor<"int32">): Tensor<"int32"> => {
		checkOperands(name, { [argument]: given }, "int32");
		if (given.rank !== 3 || given.size === 0)
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(given.shape)}; expected [batch, choices, length] for multiple choice`,
			);
		const [batch, choices, length] = given.shape as [number, number, number];
		return reshape(given, [batch * choices, length]);
	};
	const { inputIds, attentionMask, tokenTypeIds, globalAttentionMask } = inputs;
	return {
		inputIds: flat("inputIds", inputIds),
		attentionMask: attentionMask && flat("attentionMask", attentionMask),
		tokenTypeIds: tokenTypeIds && flat("tokenTypeIds", tokenTypeIds),
		globalAttentionMask: globalAttentionMask && flat("globalAttentionMask", globalAttentionMask),
		choices: inputIds.shape[1] as number,
	};
}

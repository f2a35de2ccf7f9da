import { OptionError } from "../../errors.js";
import { checkIds } from "../../ops/check-ids.js";
import { embedding } from "../../ops/embedding.js";
import { type LinearActivation, linear } from "../../ops/linear.js";
import { checkOperands } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Encoder } from "../layers/encoder.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import { applyNorm, declareNorm } from "../layers/norm.js";
import { type Declared, declareMatrix, declareTensor, type Loaded } from "../parameters/declare.js";
import type { LanguageInputs, LogitsOutputs } from "../tasks.js";
import type { Head } from "./with-head.js";

/** What the parts of a language-model head are called in the checkpoint. */
export interface LanguageHeadNames {
	readonly dense: string;
	readonly norm: string;
	/** The scores; its weight is that of the embeddings of words if they are tied. */
	readonly decoder: string;
	readonly bias: string;
}

export interface LanguageHeadOptions {
	readonly names: LanguageHeadNames;
	readonly activation: LinearActivation;
	/** Whether scores are products with the embeddings of words. */
	readonly tied: boolean;
}

/** Weights of a language-model head. */
export function declareLanguageHead({ sizes, word }: Encoder, { names, tied }: LanguageHeadOptions) {
	const { vocabularySize, dim } = sizes;
	// Files hold one of them, two equal ones, or, if nothing is tied, one more that is never read.
	const [bias, other] = tied ? [names.bias, `${names.decoder}.bias`] : [`${names.decoder}.bias`, names.bias];
	return {
		dense: declareLinear(names.dense, dim, dim),
		norm: declareNorm(names.norm, dim),
		decoder: tied ? word : declareMatrix(`${names.decoder}.weight`, [vocabularySize, dim]),
		bias: declareTensor(bias, [vocabularySize], "zeros", { aliases: [other] }),
	};
}

export type LanguageHeadParameters = Loaded<ReturnType<typeof declareLanguageHead>>;

/**
 * Scores of the vocabulary: decoder(norm(activation(dense(x)))) + bias.
 *
 * @param x [..., dim]
 * @returns [..., vocabulary]
 */
export function scoreVocabulary(
	{ dense, norm, decoder, bias }: LanguageHeadParameters,
	x: Tensor,
	activation: LinearActivation,
	epsilon: number,
): Tensor {
	return scope(() => linear(applyNorm(applyLinear(x, dense, activation), norm, epsilon), decoder, { bias }));
}

/** Scores of the vocabulary everywhere, or at `positions` alone: those of all positions of a long text take gigabytes. */
export function languageHead<B extends Declared>(
	encoder: Encoder<B>,
	options: LanguageHeadOptions,
): Head<ReturnType<typeof declareLanguageHead>, LanguageInputs, Pick<LogitsOutputs, "logits">> {
	return {
		declared: declareLanguageHead(encoder, options),
		inputNames: ["positions"],
		apply: (parameters, hidden, { positions }) =>
			scope(() => {
				const scored = positions ? rowsAt(encoder.name, hidden, positions) : hidden;
				return { logits: scoreVocabulary(parameters, scored, options.activation, encoder.sizes.epsilon) };
			}),
	};
}

/**
 * Hidden states at some positions.
 *
 * @param hidden [batch, length, dim]
 * @param positions sequence · length + position, int32 [count]
 * @returns [count, dim]
 */
export function rowsAt(name: string, hidden: Tensor, positions: Tensor<"int32">): Tensor {
	const [batch, length, dim] = hidden.shape as [number, number, number];
	checkOperands(name, { positions }, "int32");
	if (positions.rank !== 1 || positions.size === 0)
		throw new OptionError(
			`${name}: argument positions has shape ${formatShape(positions.shape)}; expected [count], with at least one position`,
		);
	checkIds(name, "positions", positions, batch * length);
	return scope(() => embedding(reshape(hidden, [batch * length, dim]), positions));
}

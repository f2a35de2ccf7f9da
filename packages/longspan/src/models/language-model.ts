import type { Attention } from "../attention/mechanism.js";
import { checkKeyMask } from "../attention/sizes.js";
import { OptionError, ShapeError } from "../errors.js";
import { chunkedCrossEntropy } from "../nn/chunked-cross-entropy.js";
import { countedMean } from "../nn/counted-mean.js";
import { type ForwardOptions, forwardOptionNames } from "../nn/forward-options.js";
import { normalInitializer } from "../nn/initialize.js";
import { mul } from "../ops/arithmetic.js";
import { matmul } from "../ops/matmul.js";
import { checkFlag, checkOperands, checkOptions, type OptionNames } from "../ops/operands.js";
import { reshape } from "../ops/reshape.js";
import { slice } from "../ops/slice.js";
import { toFloat } from "../ops/to-float.js";
import { keep, scope } from "../tensor/scope.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkModelAttention } from "./model-attention.js";
import { withPonderCost } from "./ponder.js";
import {
	type TransformerOptions,
	type TransformerParameters,
	transformer,
	transformerOptionNames,
} from "./transformer.js";

export interface LanguageModelOptions extends TransformerOptions {
	/** Number of token ids. Default: 256, for bytes. */
	vocabularySize?: number;
	/** Whether the token embeddings serve as output weights (Press & Wolf 2017, arXiv 1608.05859). Default: true where the widths are equal. */
	tieWeights?: boolean;
}

/** Weights of a language model. */
export type LanguageModelParameters = TransformerParameters & {
	/** Output weights, [vocabularySize, width of the hidden states], where they are not the token embeddings. */
	readonly output?: Tensor;
};

export interface LanguageModelLossOptions extends ForwardOptions {
	/**
	 * What each position is to predict, int32 [batch, length], -100 for nothing; `ids` are then the inputs alone. Default: the ids that
	 * follow.
	 */
	targets?: Tensor<"int32"> | undefined;
	/**
	 * int32 of the shape of `ids`, 1 for tokens, 0 for padding, as `padSequences` makes it; alive until the backward pass is done. Padding
	 * does not count as something to predict; with `targets`, those say what counts. Default: all are tokens.
	 */
	keyMask?: Tensor<"int32"> | undefined;
}

export const languageModelOptionNames: OptionNames<LanguageModelOptions> = {
	...transformerOptionNames,
	vocabularySize: true,
	tieWeights: true,
};

/** A language model that is fed token by token. */
export interface LanguageModelSession {
	/** Number of tokens seen. */
	readonly position: number;
	/** Bytes of what the session remembers. */
	readonly stateBytes: number;
	/**
	 * @param ids the next tokens, int32 [batch, length]: a prompt in one call, then token by token
	 * @returns scores of the token after the last, [batch, vocabularySize]
	 */
	append(ids: Tensor<"int32">): Tensor;
	/** Frees what the session remembers. */
	dispose(): void;
}

export interface LanguageModel {
	readonly vocabularySize: number;
	/** Initial weights, free to be replaced by trained ones. */
	readonly parameters: LanguageModelParameters;
	/**
	 * Scores of the next token.
	 *
	 * @param ids int32 [batch, length]
	 * @returns [batch, length, vocabularySize]
	 */
	logits(parameters: LanguageModelParameters, ids: Tensor<"int32">, options?: ForwardOptions): Tensor;
	/**
	 * Mean cross-entropy, in nats, of each token after the first given those before it, and the cost of halting where there is one.
	 * The scores of all positions never exist at once. Sequences of mixed lengths: `ids` and `keyMask` of `padSequences`, or `targets`
	 * with -100 for padding, which needs no mask where it comes last, as no token sees what follows it.
	 *
	 * @param ids int32 [batch, length + 1]; with `targets`, [batch, length]
	 * @throws ShapeError, DTypeError, OptionError naming the argument that does not fit
	 */
	loss(parameters: LanguageModelParameters, ids: Tensor<"int32">, options?: LanguageModelLossOptions): Tensor;
	/**
	 * Starts to feed `batch` sequences (default: 1), all of one length: there is no padding in decoding. Costs per token do not grow
	 * with the position beyond what the attention reads. The weights must stay alive.
	 */
	startDecoding(parameters: LanguageModelParameters, batch?: number): LanguageModelSession;
}

/**
 * A decoder-only transformer (Radford et al. 2018) with any causal attention.
 *
 * @throws OptionError for sizes below 1 or that do not fit, or an attention that is not causal
 * @example
 * const model = languageModel({ attention: linear({ causal: true }), maxLength: 1024, dim: 128, layers: 2, heads: 4 });
 */
export function languageModel(options: LanguageModelOptions): LanguageModel {
	const name = "languageModel";
	checkOptions(name, options, languageModelOptionNames);
	const { vocabularySize = 256, tieWeights: tie, ...ofBody } = options;
	const { attention: choice, dim, seed = 0 } = ofBody;
	checkModelAttention(name, choice);
	for (const attention of [choice].flat(2) as Attention[])
		if (!attention.causal)
			throw new OptionError(
				`${name}: attention is "${attention.description}", which is not causal; expected one that is, as a language model must not see the token it predicts`,
			);
	const body = transformer(name, vocabularySize, ofBody);
	const tieWeights = tie ?? body.outputDim === dim;
	checkFlag(name, "tieWeights", tieWeights);
	if (tieWeights && body.outputDim !== dim)
		throw new OptionError(
			`${name}: tieWeights is true; concatenated streams are ${body.outputDim} wide, token embeddings ${dim}: use streamMerge "averaged" or tieWeights false`,
		);
	const draw = normalInitializer(seed);
	const parameters: LanguageModelParameters = keep({
		...body.initialize(draw),
		...(!tieWeights && { output: draw([vocabularySize, body.outputDim], 1 / Math.sqrt(body.outputDim)) }),
	});
	const scores = (hidden: Tensor, { tokens, output = tokens }: LanguageModelParameters): Tensor =>
		matmul(hidden, output, { transposeB: true });

	return {
		vocabularySize,
		parameters,
		logits: (current, ids, given) => scope(() => scores(body.apply(current, ids, given).hidden, current)),
		loss: (current, ids, options = {}) =>
			scope(() => {
				checkOptions(name, options, { ...forwardOptionNames, targets: true });
				const { targets, keyMask, random } = options;
				checkOperands(name, { ids }, "int32");
				if (!targets && (ids.rank !== 2 || (ids.shape[1] as number) < 2))
					throw new ShapeError(
						`${name}: ids have shape ${formatShape(ids.shape)}; expected [batch, length + 1] with a length of at least 1`,
					);
				if (keyMask) checkKeyMask(name, keyMask, { batch: ids.shape[0] as number, keyLength: ids.shape[1] as number });
				/** What goes in and what is to come out, of the ids as of their mask. */
				const shifted = (x: Tensor<"int32">) => [slice(x, 1, 0, -1), slice(x, 1, 1)] as const;
				const [inputs, labels] = targets ? [ids, targets] : shifted(ids);
				const [mask, counted] = !keyMask || targets ? [keyMask] : shifted(keyMask);
				const { hidden, ponderCost } = body.apply(current, inputs, { keyMask: mask, random });
				const losses = chunkedCrossEntropy(hidden, current.output ?? current.tokens, labels);
				const loss = counted ? countedMean(mul(losses, toFloat(counted)), counted, 0) : countedMean(losses, labels);
				return withPonderCost(loss, ponderCost);
			}),
		startDecoding(current, batch = 1) {
			body.check(current);
			const session = body.startDecoding(batch);
			return {
				get position() {
					return session.position;
				},
				get stateBytes() {
					return session.stateBytes;
				},
				append: (ids) =>
					scope(() => {
						const last = slice(session.append(current, ids), 1, -1);
						return reshape(scores(last, current), [batch, vocabularySize]);
					}),
				dispose: session.dispose,
			};
		},
	};
}

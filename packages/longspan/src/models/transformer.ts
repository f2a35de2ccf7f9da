import { checkKeyMask } from "../attention/sizes.js";
import { OptionError } from "../errors.js";
import type { TransformerBlockOptions } from "../nn/block.js";
import { type ForwardOptions, foldIn, forwardOptionNames } from "../nn/forward-options.js";
import type { Initializer } from "../nn/initialize.js";
import type { LayerSession } from "../nn/layer.js";
import { applyNorm, type NormParameters, normParameters } from "../nn/norm.js";
import { type PositionParameters, type Positions, positionEmbedding } from "../nn/positions/index.js";
import type { StreamMerge } from "../nn/stacks/reversible.js";
import type { StackOutput } from "../nn/stacks/stack.js";
import { checkNumber, checkObject, checkOptions, type OptionNames } from "../ops/operands.js";
import { dropout } from "../ops/random.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkTokenParameters, embedTokens } from "./embed-tokens.js";
import type { ModelAttention } from "./model-attention.js";
import { type RecurrenceOptions, type StackParameters, transformerStack } from "./transformer-stack.js";

export interface TransformerOptions
	extends Pick<TransformerBlockOptions, "dim" | "heads" | "keyValueHeads" | "norm" | "feedForward" | "dropout"> {
	/** One attention for all layers, or a list that layers (and heads, with lists within it) take in turn. */
	attention: ModelAttention;
	layers: number;
	/** Longest sequence; needed with learned positions only. */
	maxLength?: number;
	/** Default: "learned". */
	positions?: Positions;
	/**
	 * What the forward pass keeps for the backward pass: everything ("stored", the default); the input of each block, which is
	 * then repeated ("checkpointed"); or the last block's output, from which those before are recomputed ("reversible": another function,
	 * with two streams). The last two take about a third more time.
	 */
	activations?: "stored" | "checkpointed" | "reversible";
	/** How the streams of reversible blocks become one. Default: "averaged". */
	streamMerge?: StreamMerge;
	/**
	 * One block for all layers, so that depth takes no weights (Universal Transformer), and for positions that may stop early. With its
	 * signals of the position, `positions` can be "none". Default: a block for each layer.
	 */
	recurrence?: RecurrenceOptions;
	/** Names the random numbers the weights are drawn from. Default: 0. */
	seed?: number;
}

export const transformerOptionNames: OptionNames<TransformerOptions> = {
	attention: true,
	dim: true,
	layers: true,
	heads: true,
	keyValueHeads: true,
	maxLength: true,
	positions: true,
	norm: true,
	feedForward: true,
	dropout: true,
	activations: true,
	streamMerge: true,
	recurrence: true,
	seed: true,
};

/** Weights of a transformer. */
export type TransformerParameters = StackParameters & {
	/** [vocabularySize, dim] */
	readonly tokens: Tensor;
	readonly positions: PositionParameters;
	/** Of what comes out; absent with norm "post". */
	readonly norm?: NormParameters;
};

/** Token ids in, hidden states out: what every model here is made of. */
export interface Transformer {
	/** Width of the hidden states. */
	readonly outputDim: number;
	initialize(draw: Initializer): TransformerParameters;
	/** Throws a `LongspanError` unless the weights have the form of this model's. */
	check(parameters: TransformerParameters): void;
	/** @param ids int32 [batch, length] */
	apply(parameters: TransformerParameters, ids: Tensor<"int32">, options?: ForwardOptions): StackOutput;
	startDecoding(batch: number): TransformerSession;
}

/** A transformer that is fed token by token. */
export interface TransformerSession {
	/** Number of tokens seen. */
	readonly position: number;
	/** Bytes of what the session remembers. */
	readonly stateBytes: number;
	/**
	 * @param ids the next tokens, int32 [batch, length]
	 * @returns their hidden states, [batch, length, outputDim]
	 */
	append(parameters: TransformerParameters, ids: Tensor<"int32">): Tensor;
	dispose(): void;
}

/**
 * The body of a transformer: embeddings of tokens and positions, blocks, a norm.
 *
 * @param name of the model, for errors
 * @throws OptionError for sizes that are none or do not fit
 */
export function transformer(name: string, vocabularySize: number, options: TransformerOptions): Transformer {
	checkOptions(name, options, transformerOptionNames);
	const { dim, heads, layers, maxLength, positions = "learned", norm = "pre", dropout: rate = 0 } = options;
	for (const [option, value] of Object.entries({ vocabularySize, dim, layers, heads }))
		checkNumber(name, option, value, { min: 1, integer: true });
	if (maxLength !== undefined) checkNumber(name, "maxLength", maxLength, { min: 1, integer: true });
	if (dim % heads !== 0) throw new OptionError(`${name}: dim is ${dim}; expected a multiple of heads, ${heads}`);
	const embedPositions = positionEmbedding(name, positions, maxLength, dim);
	const stack = transformerStack(name, options);

	const check = (parameters: TransformerParameters): void => {
		checkObject(name, "parameters", parameters);
		const blocks = ["blocks", parameters.blocks, options.recurrence ? 1 : layers] as const;
		checkTokenParameters(name, parameters, { vocabularySize, dim }, blocks);
	};
	const finish = (hidden: Tensor, parameters: TransformerParameters): Tensor =>
		parameters.norm ? applyNorm(hidden, parameters.norm) : hidden;

	return {
		outputDim: stack.outputDim,
		check,
		initialize: (draw) => ({
			// As the output weights, too, they give logits of deviation 1; much smaller ones learn slowly.
			tokens: draw([vocabularySize, dim], 1 / Math.sqrt(dim)),
			positions: embedPositions?.initialize(draw) ?? {},
			...stack.initialize(draw),
			...(norm === "pre" && { norm: normParameters(stack.outputDim) }),
		}),
		apply: (parameters, ids, given = {}) =>
			scope(() => {
				checkOptions(name, given, forwardOptionNames);
				check(parameters);
				const source = foldIn(given.random, 0);
				const embedded = embedTokens(name, parameters, ids, embedPositions);
				if (given.keyMask) {
					const [sequences, keyLength] = ids.shape as [number, number];
					checkKeyMask(name, given.keyMask, { batch: sequences, keyLength });
				}
				const input = source && rate > 0 ? dropout(embedded, rate, source) : embedded;
				const { hidden, ponderCost } = stack.apply(parameters, input, {
					...given,
					random: foldIn(given.random, 1),
				});
				return { hidden: finish(hidden, parameters), ponderCost };
			}),
		startDecoding(batch) {
			checkNumber(name, "batch", batch, { min: 1, integer: true });
			const session: LayerSession<StackParameters> = stack.startDecoding(batch);
			let position = 0;
			return {
				get position() {
					return position;
				},
				get stateBytes() {
					return session.stateBytes;
				},
				append(parameters, ids) {
					check(parameters);
					const hidden = scope(() => {
						const embedded = embedTokens(name, parameters, ids, embedPositions, position, batch);
						return finish(session.append(parameters, embedded), parameters);
					});
					position += ids.shape[1] as number;
					return hidden;
				},
				dispose: session.dispose,
			};
		},
	};
}

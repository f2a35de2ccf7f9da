import { checkpoint } from "../../autograd/checkpoint.js";
import { OptionError } from "../../errors.js";
import { foldIn } from "../../nn/forward-options.js";
import type { LinearActivation } from "../../ops/linear.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs, HiddenOutputs, RunOptions } from "../architecture.js";
import type { Declared, Loaded } from "../parameters/declare.js";
import { declareEmbeddings, type EmbeddingSizes, embed } from "./embeddings.js";
import { checkEncoderInputs, commonInputNames } from "./encoder-inputs.js";
import { declareEncoderLayer, finishEncoderLayer } from "./encoder-layer.js";
import { absolutePositions, positionsAfterPadding } from "./position-ids.js";

/** Sizes of an encoder in the manner of BERT. */
export interface EncoderSizes extends EmbeddingSizes {
	readonly layers: number;
	readonly heads: number;
	/** Channels between the two projections of a feed-forward layer. */
	readonly hidden: number;
	readonly activation: LinearActivation;
	readonly epsilon: number;
	readonly dropout: number;
	/** "absolute": from 0 on; "after-padding": RoBERTa's, which need the id of padding. */
	readonly positionKind: "absolute" | "after-padding";
	readonly padId: number;
	/** Factor of the embeddings of words. */
	readonly embeddingScale: number;
	/** Whether dropout of the embeddings comes before their norm. */
	readonly dropsFirst: boolean;
}

/** What the attention of a layer gives: its output before the last projection, and its probabilities if they were asked for. */
export interface LayerAttention {
	/** [batch, length, dim] */
	readonly attended: Tensor;
	readonly attentions?: Tensor | undefined;
	readonly globalAttentions?: Tensor | undefined;
}

/** How the layers of an encoder attend. */
export interface EncoderAttention<A extends Declared> {
	/** Weights of a layer's attention, called `name` in the checkpoint. */
	declare(name: string): A;
	/** Whether `RunOptions.outputAttentions` is understood. */
	readonly givesAttentions: boolean;
	/** Names of the inputs it reads beside those of all encoders. Default: none. */
	readonly inputNames?: readonly (keyof EncoderInputs)[];
	/** Called once for each forward pass. */
	start(inputs: EncoderInputs, keyMask: Tensor<"int32"> | undefined, options: RunOptions): AttendInLayer<A>;
}

/** Attention of a layer to its input x, [batch, length, dim]. */
export type AttendInLayer<A extends Declared> = (layer: number, parameters: Loaded<A>, x: Tensor) => LayerAttention;

/** How a backward pass begins to attend once more. */
export interface AttendAgain<A extends Declared> {
	/** Masks that live until then. */
	readonly inputs: readonly Tensor<"int32">[];
	/** @param given those masks */
	start(given: readonly Tensor<"int32">[]): AttendInLayer<A>;
}

/** Tokens and their places, as the embeddings read them. */
export interface PlacedTokens {
	/** int32 [batch, length] */
	readonly inputIds: Tensor<"int32">;
	/** int32 [batch or 1, length] */
	readonly positionIds: Tensor<"int32">;
	/** int32 [batch, length]; undefined: all 0. */
	readonly tokenTypeIds?: Tensor<"int32"> | undefined;
}

/** The stack of layers that the classes of an architecture share. */
export interface Encoder<D extends Declared = Declared> {
	/** For errors. */
	readonly name: string;
	readonly sizes: EncoderSizes;
	/** Names of the inputs it takes. */
	readonly inputNames: readonly string[];
	readonly declared: D;
	/** Embedding of words, to which the output of language models is tied. */
	readonly word: ReturnType<typeof declareEmbeddings>["word"];
	forward(parameters: Loaded<D>, inputs: EncoderInputs, options?: RunOptions): HiddenOutputs;
}

/** Longest input in tokens. */
export function longestInput({ positionKind, positions, padId }: EncoderSizes): number {
	return positionKind === "absolute" ? positions : positions - padId - 1;
}

/**
 * An encoder in the manner of BERT: embeddings, and layers of attention and feed-forward with norms after the residual sums. In
 * training (`options.random`) the outputs of both and the embeddings are dropped as config.json says; attention probabilities are not,
 * because they never exist as a whole.
 *
 * @param name model_type, for errors
 * @param prefix of the names in the checkpoint, such as "bert."
 */
export function encoder<A extends Declared>(
	name: string,
	prefix: string,
	sizes: EncoderSizes,
	attention: EncoderAttention<A>,
) {
	const { dim, hidden, activation, epsilon, dropout, positionKind, padId, embeddingScale, dropsFirst } = sizes;
	const embeddings = declareEmbeddings(`${prefix}embeddings`, sizes);
	const layers = Array.from({ length: sizes.layers }, (_, layer) => ({
		attention: attention.declare(`${prefix}encoder.layer.${layer}.attention.self`),
		rest: declareEncoderLayer(`${prefix}encoder.layer.${layer}`, dim, hidden),
	}));
	const declared = { embeddings, layers };
	type Parameters = Loaded<typeof declared>;

	/** Embeddings and layers, with any way to attend. What a layer leaves is freed when the next is done. */
	function run(
		parameters: Parameters,
		{ inputIds, positionIds, tokenTypeIds }: PlacedTokens,
		attend: AttendInLayer<A>,
		{ outputHiddenStates = false, random }: RunOptions = {},
		again?: AttendAgain<A>,
	): HiddenOutputs {
		return scope(() => {
			let x = embed(parameters.embeddings, inputIds, positionIds, tokenTypeIds, {
				...{ epsilon, scale: embeddingScale, dropout, dropsFirst, random: foldIn(random, 0) },
			});
			const states = [x];
			const [attentions, globalAttentions]: [Tensor[], Tensor[]] = [[], []];
			for (const [layer, own] of (parameters.layers as readonly Loaded<(typeof layers)[number]>[]).entries()) {
				const apply = (input: Tensor, attendHere: AttendInLayer<A>) => {
					const { attended, ...probabilities } = attendHere(layer, own.attention as Loaded<A>, input);
					const source = foldIn(random, layer + 1);
					const y = finishEncoderLayer(own.rest, input, attended, { activation, epsilon, dropout, random: source });
					return { y, ...probabilities };
				};
				const next: ReturnType<typeof apply> = again
					? { y: checkpoint((input, ...given) => apply(input, again.start(given)).y, x, ...again.inputs) }
					: scope(() => apply(x, attend));
				if (outputHiddenStates) states.push(next.y);
				else x.dispose();
				x = next.y;
				if (next.attentions) attentions.push(next.attentions);
				if (next.globalAttentions) globalAttentions.push(next.globalAttentions);
			}
			return {
				lastHiddenState: x,
				hiddenStates: outputHiddenStates ? states : undefined,
				attentions: attentions.length > 0 ? attentions : undefined,
				globalAttentions: globalAttentions.length > 0 ? globalAttentions : undefined,
			};
		});
	}

	function forward(parameters: Parameters, inputs: EncoderInputs, options: RunOptions = {}): HiddenOutputs {
		if (options.outputAttentions && !attention.givesAttentions)
			throw new OptionError(
				`${name}: outputAttentions is true; attention probabilities never exist as a whole here, leave it out`,
			);
		if (options.outputAttentions && options.recompute)
			throw new OptionError(`${name}: recompute is true with outputAttentions; leave one of them out`);
		const keyMask = checkEncoderInputs(name, inputs, { ...sizes, maxLength: longestInput(sizes) });
		const { inputIds, tokenTypeIds } = inputs;
		return scope(() => {
			const positionIds =
				positionKind === "absolute"
					? absolutePositions(inputIds.shape[1] as number, inputIds.device)
					: positionsAfterPadding(inputIds, padId);
			const attend = attention.start(inputs, keyMask, options);
			const again = options.recompute ? attendAgain(inputs, keyMask, options) : undefined;
			return run(parameters, { inputIds, positionIds, tokenTypeIds }, attend, options, again);
		});
	}

	function attendAgain(
		inputs: EncoderInputs,
		keyMask: Tensor<"int32"> | undefined,
		options: RunOptions,
	): AttendAgain<A> {
		const { globalAttentionMask } = inputs;
		const held = [keyMask, globalAttentionMask].filter((mask) => mask !== undefined);
		return {
			inputs: held,
			start(given) {
				const masks = [...given];
				const own = keyMask && masks.shift();
				return attention.start({ ...inputs, globalAttentionMask: globalAttentionMask && masks.shift() }, own, options);
			},
		};
	}

	const inputNames = [...commonInputNames, "tokenTypeIds", ...(attention.inputNames ?? [])];
	return { name, sizes, inputNames, declared, word: embeddings.word, run, forward };
}

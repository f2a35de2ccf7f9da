import type { ForwardOptions } from "../nn/forward-options.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Declared, Loaded } from "./parameters/declare.js";

/** What a forward pass of a pretrained model takes beside its inputs. */
export interface RunOptions {
	/** Source of the random numbers of dropout, as in training. Default: none, so nothing is dropped. */
	random?: ForwardOptions["random"];
	/**
	 * Whether a backward pass computes each layer again instead of keeping what it needs of it, which takes far less memory (Chen et al.
	 * 2016, arXiv 1604.06174). Reformer never keeps it; encoder–decoders refuse this. Default: false.
	 */
	recompute?: boolean | undefined;
	/** Whether the hidden states of every layer are returned. Default: false. */
	outputHiddenStates?: boolean | undefined;
	/**
	 * Longformer alone: whether the attention probabilities of every layer are returned. Memory is in proportion to the length times
	 * window and global tokens. Default: false.
	 */
	outputAttentions?: boolean | undefined;
	/**
	 * BigBird alone: its random blocks, "seeded" as the released code draws them, or "zeros", the first block in place of each, as
	 * transformers does outside of training. Default: "seeded" with `random`, else "zeros".
	 */
	randomBlocks?: "seeded" | "zeros" | undefined;
}

/** Token ids and what belongs to them. */
export interface EncoderInputs {
	/** int32 [batch, length] */
	readonly inputIds: Tensor<"int32">;
	/** 1 for tokens, 0 for padding, int32 [batch, length]. Default: all are tokens. */
	readonly attentionMask?: Tensor<"int32"> | undefined;
	/** Which of two texts a token belongs to, int32 [batch, length]. Default: as the class of the model does without. */
	readonly tokenTypeIds?: Tensor<"int32"> | undefined;
	/** Longformer and LED: 1 for tokens that see and are seen by all, int32 [batch, length]. Default: as the class does without. */
	readonly globalAttentionMask?: Tensor<"int32"> | undefined;
	/** Reformer: rounds of hashing in this call. Default: as config.json says. */
	readonly numHashes?: number | undefined;
	/**
	 * Reformer: rotations of each LSH layer, in order, [heads, headDim, numHashes, half the sum of the bucket factors]; alive until the
	 * backward pass, or the decoder session, is done. Default: drawn from `hash_seed`. Not read where the input is a chunk at most.
	 */
	readonly rotations?: readonly Tensor[] | undefined;
}

/** Inputs of an encoder–decoder. */
export interface EncoderDecoderInputs extends EncoderInputs {
	/** int32 [batch, decoderLength] */
	readonly decoderInputIds: Tensor<"int32">;
	/** 1 for tokens, 0 for padding, int32 [batch, decoderLength]. Default: all are tokens. */
	readonly decoderAttentionMask?: Tensor<"int32"> | undefined;
}

export interface HiddenOutputs {
	/** [batch, length, width] */
	readonly lastHiddenState: Tensor;
	/** If asked for: the embeddings, and the states after each layer, each [batch, length, width]. */
	readonly hiddenStates?: readonly Tensor[] | undefined;
	/**
	 * If asked for: probabilities of each layer, [batch, heads, length, globals + window + 1]: first the global keys in order of position
	 * (as many columns as the batch entry has that has most), then the keys from half a window before to half a window after; a global
	 * key is 0 there, as are the rows of global tokens and of padding.
	 */
	readonly attentions?: readonly Tensor[] | undefined;
	/** If asked for and there are global tokens: probabilities from each of them to every key, [batch, heads, length, globals]. */
	readonly globalAttentions?: readonly Tensor[] | undefined;
}

/** A class of checkpoints with the sizes of one of them: what its weights are called, and what it computes with them. */
export interface Architecture<Inputs, Outputs extends HiddenOutputs, D extends Declared = Declared> {
	readonly declared: D;
	/** Differentiable in parameters that are tensors. */
	forward(parameters: Loaded<D>, inputs: Inputs, options?: RunOptions): Outputs;
}

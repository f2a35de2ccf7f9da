import type { DecoderSession } from "../generate/decoder-session.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Architecture, EncoderDecoderInputs, EncoderInputs, HiddenOutputs } from "./architecture.js";
import type { Declared, Loaded } from "./parameters/declare.js";

/** What a class of checkpoints is for. */
export type Task =
	| "base"
	| "masked-lm"
	| "causal-lm"
	| "seq2seq-lm"
	| "sequence-classification"
	| "token-classification"
	| "question-answering"
	| "multiple-choice";

export interface BaseOutputs extends HiddenOutputs {
	/** [batch, width]: what the class makes of the first token; undefined where it has no pooler. */
	readonly poolerOutput?: Tensor | undefined;
}

export interface LogitsOutputs extends HiddenOutputs {
	/**
	 * Language models: [batch, length, vocabulary], or [count, vocabulary] at `positions`; token classification: [batch, length, labels];
	 * sequence classification: [batch, labels]; multiple choice: [batch, choices].
	 */
	readonly logits: Tensor;
}

export interface SpanOutputs extends HiddenOutputs {
	/** [batch, length] */
	readonly startLogits: Tensor;
	/** [batch, length] */
	readonly endLogits: Tensor;
}

export interface LanguageInputs extends EncoderInputs {
	/** Where tokens are scored: sequence · length + position, int32 [count]. Default: everywhere. */
	readonly positions?: Tensor<"int32"> | undefined;
}

/** Outputs of an encoder–decoder: `lastHiddenState` is that of its decoder. */
export interface EncoderDecoderOutputs extends HiddenOutputs {
	/** [batch, length, width] */
	readonly encoderLastHiddenState: Tensor;
	readonly encoderHiddenStates?: readonly Tensor[] | undefined;
}

/** An architecture that writes text: one whose decoder can be fed token by token. */
export interface GeneratingArchitecture<Inputs, Outputs extends HiddenOutputs, D extends Declared = Declared>
	extends Architecture<Inputs, Outputs, D> {
	/** Reads the inputs (an encoder runs once, here) and starts to decode: one row for each batch entry, no token yet. */
	startDecoding(parameters: Loaded<D>, inputs: EncoderInputs): DecoderSession;
}

/** Inputs and outputs by task. Tasks of encoder–decoders other than "seq2seq-lm" take `EncoderDecoderInputs`, too. */
export interface TaskTypes {
	base: [EncoderInputs, BaseOutputs];
	"masked-lm": [LanguageInputs, LogitsOutputs];
	"causal-lm": [LanguageInputs, LogitsOutputs];
	"seq2seq-lm": [EncoderDecoderInputs, LogitsOutputs & EncoderDecoderOutputs];
	"sequence-classification": [EncoderInputs, LogitsOutputs];
	"token-classification": [EncoderInputs, LogitsOutputs];
	"question-answering": [EncoderInputs, SpanOutputs];
	"multiple-choice": [EncoderInputs, LogitsOutputs];
}

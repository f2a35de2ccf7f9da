import { randomSequence } from "./random-sequence.js";
import type { Windows } from "./windows.js";

/** Windows whose ids after the first are to be predicted. */
export interface TextWindows extends Windows {
	/** Bytes of text that the predicted ids stand for. */
	readonly bytes: number;
}

/** What a language model is trained and measured on: bytes or tokens of text. */
export interface WindowSource {
	/** All ids are below this. */
	readonly vocabularySize: number;
	/**
	 * The windows of a step, `length + 1` ids each, of which all have the same length. They depend on the seed and the step alone: a
	 * resumed run goes on with those it would have had.
	 */
	trainingBatch(step: number): TextWindows;
	/** Ids to predict in a window of held-out text: the longest training length, or as many as there are. */
	readonly heldOutLength: number;
	/** Up to `count` windows of held-out text in batches, at least one, spread evenly over it: always the same. */
	heldOut(count: number): TextWindows[];
}

/** Which windows are drawn. */
export interface WindowOptions {
	/** Lengths of training windows in ids to predict. Each step draws one. */
	readonly lengths: readonly number[];
	/** Windows of the longest length in a step. Of a shorter one there are as many more as keep the number of ids the same. */
	readonly batch: number;
	/** An integer of at least 0. */
	readonly seed: number;
}

/** What is drawn for one step. */
export interface StepDraw {
	readonly length: number;
	readonly count: number;
	/** For the places of its windows. */
	readonly random: () => number;
}

/** Draws the length of a step: a function of the seed and the step alone. */
export function drawStep({ lengths, batch, seed }: WindowOptions, step: number): StepDraw {
	const random = randomSequence(seed, step);
	const length = lengths[Math.floor(random() * lengths.length)] as number;
	return { length, count: Math.max(1, Math.round((batch * longestOf(lengths)) / length)), random };
}

/** The longest of some lengths. */
export function longestOf(lengths: readonly number[]): number {
	return Math.max(...lengths);
}

/** Bits per byte of text: `nats`, the sum of the losses of all predicted ids, over the bytes that these stand for. */
export function bitsPerByte(nats: number, bytes: number): number {
	return nats / bytes / Math.LN2;
}

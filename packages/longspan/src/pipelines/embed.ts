import { matmul } from "../ops/matmul.js";
import { reshape } from "../ops/reshape.js";
import { slice } from "../ops/slice.js";
import type { EncoderInputs } from "../pretrained/architecture.js";
import type { BaseOutputs } from "../pretrained/tasks.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Document } from "./document.js";
import { FeatureTensor } from "./feature-tensor.js";
import { WeightedMean } from "./probabilities.js";
import type { Reading } from "./reading.js";
import { runWindows, type WindowInput } from "./run-windows.js";
import type { TextWindow } from "./windows.js";

/** Which tokens of the input for a window count as its own: special tokens and those of the text that it owns. */
function ownTokens({ window, encoding, textAt }: WindowInput): boolean[] {
	const from = textAt + window.ownBegin - window.begin;
	const to = textAt + window.ownEnd - window.begin;
	return encoding.sources.map((source, position) => source === null || (position >= from && position < to));
}

/** Adds up the vectors of the tokens that count, [batch, length, width] to [batch, width], without a copy of them. */
function sumOwn(states: Tensor, windows: readonly WindowInput[]): Tensor {
	const [batch, length, width] = states.shape as [number, number, number];
	const weights = new Float32Array(batch * length);
	for (const [row, window] of windows.entries())
		for (const [position, own] of ownTokens(window).entries()) if (own) weights[row * length + position] = 1;
	return reshape(matmul(tensor(weights, [batch, 1, length], states.device), states), [batch, width]);
}

/** One vector for each document, [documents, width]. */
export async function embedTexts(
	reading: Reading<"base">,
	documents: readonly Document[],
	pooling: "mean" | "cls",
): Promise<FeatureTensor> {
	const { model } = reading;
	const means: WeightedMean[] = [];
	await runWindows(
		reading,
		documents,
		(inputs: EncoderInputs, windows) => {
			const { lastHiddenState: states } = model.forward(inputs) as BaseOutputs;
			if (pooling === "mean") return [sumOwn(states, windows)];
			return [slice(states, 1, 0, 1)];
		},
		(input, [vector]) => {
			const values = vector as Float32Array;
			const mean = (means[input.document] ??= new WeightedMean(values.length));
			const { ownBegin, ownEnd } = input.window;
			if (pooling === "cls") mean.add(values, Math.max(1, ownEnd - ownBegin));
			else mean.addSum(values, ownTokens(input).filter(Boolean).length);
		},
	);
	const width = means[0]?.value.length ?? 0;
	const data = new Float32Array(documents.length * width);
	for (const [row, mean] of means.entries()) data.set(mean.value, row * width);
	return new FeatureTensor("float32", data, [documents.length, width]);
}

/** The vectors of all tokens, special ones included: [documents, tokens of the longest, width]. */
export async function tokenFeatures(reading: Reading<"base">, documents: readonly Document[]): Promise<FeatureTensor> {
	const { model } = reading;
	const read = ({ windows, around }: Document) => around + (windows.at(-1) as TextWindow).end;
	const longest = documents.reduce((most, document) => Math.max(most, read(document)), 0);
	let width = 0;
	let data = new Float32Array(0);
	await runWindows(
		reading,
		documents,
		(inputs) => {
			const { lastHiddenState: states } = model.forward(inputs) as BaseOutputs;
			width = states.shape[2] as number;
			return [states];
		},
		(input, [states]) => {
			if (data.length === 0) data = new Float32Array(documents.length * longest * width);
			const { window, encoding } = input;
			const document = documents[input.document] as Document;
			const textEnd = (document.windows.at(-1) as TextWindow).end;
			const textAt = Math.max(0, input.textAt);
			// Special tokens before the text are those of its first window, those after it those of its last.
			const from = window.begin === 0 ? 0 : textAt + window.ownBegin - window.begin;
			const to = window.end === textEnd ? encoding.ids.length : textAt + window.ownEnd - window.begin;
			const row = (input.document * longest + window.begin + from) * width;
			data.set((states as Float32Array).subarray(from * width, to * width), row);
		},
	);
	return new FeatureTensor("float32", data, [documents.length, longest, width]);
}

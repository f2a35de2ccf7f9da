import type { EncoderInputs } from "../pretrained/architecture.js";
import type { Task } from "../pretrained/tasks.js";
import { keep, scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Encoding } from "../text/tokenizer.js";
import { batchesOf, paddingMatters } from "./batches.js";
import type { Document } from "./document.js";
import { modelInputs } from "./model-inputs.js";
import type { Reading } from "./reading.js";
import type { TextWindow } from "./windows.js";

/** A window of one of the documents of a call, as it is computed. */
export interface WindowInput {
	/** Which document it is of. */
	readonly document: number;
	readonly window: TextWindow;
	/** What the model reads. */
	readonly encoding: Encoding;
	/** Where the text begins in the encoding; -1 if it is empty. */
	readonly textAt: number;
}

/** What is computed of windows: forward(inputs, windows) gives tensors whose first axis is the batch. */
export type WindowForward = (inputs: EncoderInputs, windows: readonly WindowInput[]) => readonly Tensor[];

/**
 * Computes all windows of documents in batches, and hands out the values of each window.
 *
 * @param receive gets, for a window, its entry of every tensor that `forward` returned
 */
export async function runWindows<T extends Task>(
	reading: Reading<T>,
	documents: readonly Document[],
	forward: WindowForward,
	receive: (window: WindowInput, values: readonly Float32Array[]) => void,
): Promise<void> {
	const items = documents.flatMap((document, index) =>
		document.windows.map((window) => ({ index, window, length: document.around + window.end - window.begin })),
	);
	let done = 0;
	for (const batch of batchesOf(items, reading.batchSize, paddingMatters(reading.model.modelType))) {
		const windows = batch.map(({ index, window }) => {
			const { inputOf, source } = documents[index] as Document;
			const encoding = inputOf(window);
			return { document: index, window, encoding, textAt: encoding.sources.indexOf(source) };
		});
		for (const [row, values] of (await compute(reading, windows, forward)).entries())
			receive(windows[row] as WindowInput, values);
		reading.signal?.throwIfAborted();
		done += batch.length;
		reading.progress({ done, total: items.length });
	}
}

/** The values of each tensor of `forward`, by window. */
async function compute<T extends Task>(
	reading: Reading<T>,
	windows: readonly WindowInput[],
	forward: WindowForward,
): Promise<Float32Array[][]> {
	const encodings = windows.map(({ encoding }) => encoding);
	const tensors = keep(scope(() => forward(modelInputs(reading, encodings), windows)));
	try {
		const values = await Promise.all(tensors.map((tensor) => tensor.data()));
		return windows.map((_, row) =>
			values.map((all) => {
				const size = all.length / windows.length;
				return all.subarray(row * size, (row + 1) * size);
			}),
		);
	} finally {
		for (const tensor of tensors) tensor.dispose();
	}
}

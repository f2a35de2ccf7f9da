import { type Corpus, checkCorpus } from "./corpus.js";
import { drawStep, longestOf, type TextWindows, type WindowOptions, type WindowSource } from "./window-source.js";
import { evenBatches, randomWindows, type Windows } from "./windows.js";

const byteValues = 256;

/**
 * Windows of bytes: 256 ids, no preparation, any file.
 *
 * @throws InputError, saying how many bytes are needed, if the files are too short (`checkCorpus`)
 */
export function byteWindows(corpus: Corpus, options: WindowOptions): WindowSource {
	const longest = longestOf(options.lengths);
	checkCorpus(corpus, longest, "train at a shorter length");
	const heldOutLength = Math.min(longest, corpus.heldOut.length - 1);
	return {
		heldOutLength,
		vocabularySize: byteValues,
		trainingBatch(step) {
			const { length, count, random } = drawStep(options, step);
			return withBytes(randomWindows(corpus.train, length + 1, count, random));
		},
		heldOut: (count) => evenBatches(corpus.heldOut, heldOutLength + 1, options.batch, count).map(withBytes),
	};
}

/** An id is a byte; the first of each window is given, not predicted. */
function withBytes({ ids, count }: Windows): TextWindows {
	return { ids, count, bytes: ids.length - count };
}

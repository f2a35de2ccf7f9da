import { byteWindows } from "../data/byte-windows.js";
import { splitFiles } from "../data/corpus.js";
import { defaultPaths } from "../data/default-files.js";
import { listFiles } from "../data/list-files.js";
import { tokenWindows } from "../data/token-windows.js";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.js";
import type { TextWindows, WindowSource } from "../data/window-source.js";
import type { RunSettings } from "./settings.js";

/** How much there is to train on. */
export type DataSummary = {
	readonly files: number;
	readonly trainBytes: number;
	readonly heldOutBytes: number;
};

/** What an evaluation predicts. */
export interface HeldOutSummary {
	readonly windows: number;
	/** Tokens predicted in a window. */
	readonly length: number;
}

/** What a run is trained and measured on. */
export interface TrainingData {
	readonly windows: WindowSource;
	readonly heldOut: readonly TextWindows[];
	readonly heldOutSummary: HeldOutSummary;
	/** null for bytes. */
	readonly tokenizer: Tokenizer | null;
	readonly summary: DataSummary;
}

/** The most held-out tokens that are predicted in an evaluation, if a window has no more. */
export const heldOutTokens = 2 ** 16;

/**
 * Opens the files of a run.
 *
 * @param tokenizer path of a tokenizer, null for bytes
 * @throws InputError for files that cannot be used or are too short
 */
export async function openData(settings: RunSettings, tokenizer: string | null): Promise<TrainingData> {
	const { data } = settings;
	const files = listFiles(data.length > 0 ? data : defaultPaths());
	const loaded = tokenizer === null ? null : await loadTokenizer(tokenizer);
	const corpus = splitFiles(files, { text: loaded !== null });
	const windows = loaded ? tokenWindows(corpus, loaded, settings) : byteWindows(corpus, settings);
	const { heldOutLength } = windows;
	const heldOut = windows.heldOut(Math.max(1, Math.floor(heldOutTokens / heldOutLength)));
	return {
		windows,
		heldOut,
		heldOutSummary: { windows: heldOut.reduce((sum, { count }) => sum + count, 0), length: heldOutLength },
		tokenizer: loaded,
		summary: { files: files.length, trainBytes: corpus.train.length, heldOutBytes: corpus.heldOut.length },
	};
}

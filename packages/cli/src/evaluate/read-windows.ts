import { type ByteRange, splitFiles, wholeFiles } from "../data/corpus.js";
import { defaultPaths } from "../data/default-files.js";
import { listFiles } from "../data/list-files.js";
import { TextRange } from "../data/text-range.js";
import { TokenReader } from "../data/token-windows.js";
import { loadTokenizer } from "../data/tokenizer.js";
import type { TextWindows } from "../data/window-source.js";
import { evenBatches } from "../data/windows.js";
import { InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import type { EvaluateSettings } from "./settings.js";

/**
 * Windows of `length + 1` tokens, spread evenly over the files: all there are, if there are no more than asked for.
 *
 * @param tokenizerPath null for bytes
 * @throws InputError for files that cannot be used or are too short
 */
export async function readWindows(
	{ files: given, heldOut, windows }: Pick<EvaluateSettings, "files" | "heldOut" | "windows">,
	tokenizerPath: string | null,
	length: number,
): Promise<TextWindows[]> {
	const files = listFiles(given.length > 0 ? given : defaultPaths());
	const range = heldOut ? splitFiles(files, { text: tokenizerPath !== null }).heldOut : wholeFiles(files);
	if (tokenizerPath === null) return byteWindows(range, length, windows);
	const reader = new TokenReader("the text of the files", new TextRange(range), await loadTokenizer(tokenizerPath));
	return reader.spread(windows, length);
}

function byteWindows(range: ByteRange, length: number, limit: number): TextWindows[] {
	if (range.length < length + 1)
		throw new InputError(
			`the files hold ${formatCount(range.length)} bytes to predict; a window of --length ${formatCount(length)} needs ${formatCount(length + 1)}: give more, or a shorter --length`,
		);
	return evenBatches(range, length + 1, 1, limit).map((window) => ({ ...window, bytes: length }));
}

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
 * Windows of `longest + 1` tokens, spread evenly over the files: all there are, if there are no more than asked for. Without a length
 * in the settings, shorter ones if the files hold none of these.
 *
 * @param tokenizerPath null for bytes
 * @throws InputError for files that cannot be used or are too short
 */
export async function readWindows(
	{ files: given, heldOut, length, windows }: Pick<EvaluateSettings, "files" | "heldOut" | "length" | "windows">,
	tokenizerPath: string | null,
	longest: number,
): Promise<TextWindows[]> {
	const files = listFiles(given.length > 0 ? given : defaultPaths());
	const range = heldOut ? splitFiles(files, { text: tokenizerPath !== null }).heldOut : wholeFiles(files);
	const fitting = (most: number) => (length === null ? Math.max(1, Math.min(longest, most)) : longest);
	if (tokenizerPath === null) return byteWindows(range, fitting(range.length - 1), windows);
	const reader = new TokenReader("the text of the files", new TextRange(range), await loadTokenizer(tokenizerPath));
	return reader.spread(windows, fitting(reader.longest(longest)));
}

function byteWindows(range: ByteRange, length: number, limit: number): TextWindows[] {
	if (range.length < length + 1)
		throw new InputError(
			`the files hold ${formatCount(range.length)} bytes to predict; a window of length ${formatCount(length)} needs ${formatCount(length + 1)}: give more, or use a shorter length`,
		);
	return evenBatches(range, length + 1, 1, limit).map((window) => ({ ...window, bytes: length }));
}

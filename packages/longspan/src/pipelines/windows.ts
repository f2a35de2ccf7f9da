/**
 * A part of a text that the model reads at once, in tokens of the text. Of every token that several windows hold, one window is the
 * owner: the one in which it is most central.
 */
export interface TextWindow {
	readonly begin: number;
	readonly end: number;
	/** The first token it owns. */
	readonly ownBegin: number;
	/** The token after the last it owns. */
	readonly ownEnd: number;
}

/** One window over a text of so many tokens. */
export function wholeWindow(tokens: number): TextWindow {
	return { begin: 0, end: tokens, ownBegin: 0, ownEnd: tokens };
}

/**
 * Windows over a text of `tokens` tokens. All have `capacity` of them: the last is moved back to where the text ends.
 *
 * @param capacity fewer than `tokens`
 * @param overlap tokens that a window shares with the next, fewer than `capacity`
 */
export function strideWindows(tokens: number, capacity: number, overlap: number): TextWindow[] {
	const step = capacity - overlap;
	const last = tokens - capacity;
	const count = Math.ceil(last / step) + 1;
	const beginOf = (index: number) => Math.min(index * step, last);
	// The tokens nearest to the middle of a window are its own: it parts with the next one midway between their middles.
	const borderAfter = (index: number) => (beginOf(index) + beginOf(index + 1) + capacity) >> 1;
	return Array.from({ length: count }, (_, index) => ({
		begin: beginOf(index),
		end: beginOf(index) + capacity,
		ownBegin: index === 0 ? 0 : borderAfter(index - 1),
		ownEnd: index === count - 1 ? tokens : borderAfter(index),
	}));
}

/** The window in whose middle a token is, as far as the ends of the text allow; this token alone is its own. */
export function windowAround(token: number, tokens: number, capacity: number): TextWindow {
	const begin = Math.max(0, Math.min(token - (capacity >> 1), tokens - capacity));
	return { begin, end: Math.min(begin + capacity, tokens), ownBegin: token, ownEnd: token + 1 };
}

/** How many tokens of a text no window holds. Windows are in order of their begin. */
export function droppedTokens(windows: readonly TextWindow[], tokens: number): number {
	let held = 0;
	let until = 0;
	for (const { begin, end } of windows) {
		held += Math.max(0, end - Math.max(begin, until));
		until = Math.max(until, end);
	}
	return tokens - held;
}

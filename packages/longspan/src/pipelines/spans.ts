import { LogSumExp } from "./probabilities.js";
import type { TextWindow } from "./windows.js";

/** A span of tokens of a text, the last included. */
export interface Span {
	readonly first: number;
	readonly last: number;
	/** Probability of its begin times that of its end. */
	readonly score: number;
}

/** Scores of the tokens of a window as begin and end of an answer. */
export interface SpanScores {
	readonly starts: ArrayLike<number>;
	readonly ends: ArrayLike<number>;
	/** Where the tokens of the text begin in the scores. */
	readonly textAt: number;
}

/**
 * Finds the likeliest spans of a text whose tokens are scored window by window. Every span is judged once, by the window in which
 * its middle is most central; every token counts once in the sums that make probabilities of scores, as does the first token of every
 * window, to which models point where there is no answer (Devlin et al. 2019, arXiv 1810.04805, section 4.3).
 */
export class SpanSearch {
	readonly #spans: Span[] = [];
	readonly #starts = new LogSumExp();
	readonly #ends = new LogSumExp();

	/**
	 * @param answerable by token of the text: whether an answer may begin and end there
	 * @param longest most tokens of a span
	 * @param count how many spans are wanted
	 */
	constructor(
		private readonly answerable: ArrayLike<number>,
		private readonly longest: number,
		private readonly count: number,
	) {}

	/**
	 * Takes in the scores of a window.
	 *
	 * @param hasNull whether the first token of the window is a special one
	 */
	add({ begin, end, ownBegin, ownEnd }: TextWindow, { starts, ends, textAt }: SpanScores, hasNull: boolean): void {
		if (hasNull) {
			this.#starts.add(starts[0] as number);
			this.#ends.add(ends[0] as number);
		}
		const at = textAt - begin;
		for (let token = ownBegin; token < ownEnd; token++)
			if (this.answerable[token]) {
				this.#starts.add(starts[at + token] as number);
				this.#ends.add(ends[at + token] as number);
			}
		// The middle of a span is (first + last) >> 1.
		for (let first = Math.max(begin, ownBegin - (this.longest >> 1)); first < ownEnd; first++) {
			if (!this.answerable[first]) continue;
			const from = Math.max(first, 2 * ownBegin - first);
			const until = Math.min(first + this.longest, end, 2 * ownEnd - first);
			for (let last = from; last < until; last++)
				if (this.answerable[last])
					this.#keep({ first, last, score: (starts[at + first] as number) + (ends[at + last] as number) });
		}
	}

	/** Keeps a span if it is among the best so far. Until the sums are known, scores are not yet probabilities. */
	#keep(span: Span): void {
		const spans = this.#spans;
		if (spans.length === this.count && !(span.score > (spans.at(-1) as Span).score)) return;
		let at = spans.length;
		while (at > 0 && (spans[at - 1] as Span).score < span.score) at--;
		spans.splice(at, 0, span);
		if (spans.length > this.count) spans.pop();
	}

	/** The best spans, the likeliest first. */
	best(): Span[] {
		const total = this.#starts.value + this.#ends.value;
		return this.#spans.map(({ first, last, score }) => ({ first, last, score: Math.exp(score - total) }));
	}
}

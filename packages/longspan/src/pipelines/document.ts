import { OptionError } from "../errors.js";
import type { Encoding } from "../text/tokenizer.js";
import type { Overflow } from "./overflow.js";
import type { Reading } from "./reading.js";
import { emptyEncoding, sliceEncoding } from "./slice-encoding.js";
import { droppedTokens, strideWindows, type TextWindow, wholeWindow } from "./windows.js";

/** A text as a model reads it: in one window if it fits, else in as many as were asked for. */
export interface Document {
	/** The tokens of the text, without the special tokens around it. */
	readonly content: Encoding;
	/** Tokens of an input that are not of the text: special tokens, and a question or hypothesis. */
	readonly around: number;
	/** Which of the texts of an input it is: the second after a question. */
	readonly source: 0 | 1;
	readonly windows: readonly TextWindow[];
	/** Undefined if the text fits. */
	readonly overflow: Overflow | undefined;
	/** The input of the model for a window. */
	inputOf(window: TextWindow): Encoding;
}

export interface DocumentOptions {
	/** How errors call the text. */
	called: string;
	/** Tokens that stand before the text in every input, as a question does. */
	before?: Encoding | undefined;
	/** Tokens that stand after the text in every input, as a hypothesis does. */
	after?: Encoding | undefined;
	/** Divides a text that is too long, with `overflow: "stride"`. Default: windows that overlap. */
	divide?: ((content: Encoding, capacity: number) => readonly TextWindow[]) | undefined;
}

/**
 * Reads a text as tokens, and divides or cuts it as asked for if it is too long.
 *
 * @throws OptionError for a text that is too long, with what to do; for one without tokens; for a question that leaves no room
 */
export function readDocument(reading: Reading, text: string, options: DocumentOptions): Document {
	const { name, tokenizer, limit, overflow: policy } = reading;
	const { called, before, after, divide } = options;
	const content = tokenizer.encode(text, { addSpecialTokens: false });
	const place = (part: Encoding) =>
		before ? tokenizer.withSpecialTokens(before, part) : tokenizer.withSpecialTokens(part, after);
	const around = place(emptyEncoding).ids.length;
	const tokens = content.ids.length;
	const whole = tokens + around;
	if (whole === 0) throw new OptionError(`${name}: ${called} has no tokens; expected some text`);
	const inputOf = ({ begin, end }: TextWindow) => place(sliceEncoding(content, begin, end));
	const parts = { content, around, source: before ? 1 : 0, inputOf } as const;
	if (whole <= limit) return { ...parts, windows: [wholeWindow(tokens)], overflow: undefined };
	const capacity = limit - around;
	if (capacity < 1)
		throw new OptionError(
			`${name}: ${before ? "the question takes" : after ? "the hypothesis takes" : "special tokens take"} ${around} tokens, ` +
				`the model ${limit} in all; ${before || after ? "shorten it" : "expected a larger window"}`,
		);
	if (policy === "error")
		throw new OptionError(
			`${name}: ${called} makes ${whole} tokens, the model takes ${limit}; ` +
				`pass overflow: "stride" to read it in windows, or overflow: "truncate" to read its begin`,
		);
	const windows =
		policy === "truncate"
			? [wholeWindow(capacity)]
			: divide
				? divide(content, capacity)
				: strideWindows(tokens, capacity, overlapOf(reading, capacity));
	const dropped = droppedTokens(windows, tokens);
	return { ...parts, windows, overflow: { policy, tokens: whole, limit, windows: windows.length, dropped } };
}

function overlapOf({ name, stride }: Reading, capacity: number): number {
	if (stride !== undefined && stride >= capacity)
		throw new OptionError(
			`${name}: stride is ${stride}; expected fewer than the ${capacity} tokens of text that a window holds`,
		);
	return stride ?? capacity >> 2;
}

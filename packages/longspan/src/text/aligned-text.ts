import { codePointAt, isHighSurrogate, isLowSurrogate, unitsOf } from "./characters.js";

/** A text that was changed, and where each of its UTF-16 units is in the text it was made from. */
export class AlignedText {
	/**
	 * @param begins where units begin in the original, that of unit i at `first` + i; null: unit i is unit `first` + i
	 * @param ends where they end, the end exclusive
	 */
	constructor(
		readonly text: string,
		readonly begins: Int32Array | null = null,
		readonly ends: Int32Array | null = null,
		readonly first = 0,
	) {}

	get length(): number {
		return this.text.length;
	}

	begin(index: number): number {
		return this.begins ? (this.begins[this.first + index] as number) : this.first + index;
	}

	end(index: number): number {
		return this.ends ? (this.ends[this.first + index] as number) : this.first + index + 1;
	}

	slice(begin: number, end: number): AlignedText {
		if (begin === 0 && end === this.text.length) return this;
		return new AlignedText(this.text.slice(begin, end), this.begins, this.ends, this.first + begin);
	}

	/** Another text with as many units, each where the one of this was. */
	withText(text: string): AlignedText {
		return new AlignedText(text, this.begins, this.ends, this.first);
	}

	/**
	 * This with a text before it; the first character and what was put before it stand for that character. An empty text stays
	 * empty.
	 */
	prepend(text: string): AlignedText {
		if (this.text === "") return this;
		const change = new TextChange(this);
		const next = codePointAt(this.text, 0);
		const [head, ...rest] = [...text, String.fromCodePoint(next)];
		change.replace(head as string);
		for (const character of rest) change.insert(character);
		change.keep(this.text.length);
		return change.finish();
	}
}

/** Writes a changed text from the beginning on, with the alignment that Hugging Face's tokenizers give each kind of change. */
export class TextChange {
	readonly #source: AlignedText;
	readonly #parts: string[] = [];
	#begins: Int32Array;
	#ends: Int32Array;
	#length = 0;
	/** Unit of the source that is next; those from `#kept` on are the same in the result. */
	#next = 0;
	#kept = 0;
	#changed = false;

	constructor(source: AlignedText) {
		this.#source = source;
		this.#begins = new Int32Array(source.length);
		this.#ends = new Int32Array(source.length);
	}

	/** Keeps everything up to a unit of the source. */
	keep(end: number): void {
		this.#next = Math.max(this.#next, end);
	}

	/** Writes a character in the place of the next one, where that was; leaves out `removed` characters that follow. */
	replace(character: string, removed = 0): void {
		const at = this.#next;
		this.#flush();
		this.remove(1);
		this.#write(character, this.#source.begin(at), this.#source.end(this.#next - 1));
		if (removed > 0) this.remove(removed);
	}

	/** Writes a character that stands for none, where the one before it was. */
	insert(character: string): void {
		const at = this.#next;
		this.#flush();
		const low = at > 1 && isLowSurrogate(this.#source.text, at - 1) ? at - 2 : at - 1;
		const begin = this.#source.begin(Math.max(low, 0));
		this.#write(character, begin, at === 0 ? begin : this.#source.end(at - 1));
	}

	/** Leaves out the next characters. */
	remove(characters: number): void {
		const { text } = this.#source;
		let end = this.#next;
		for (let count = 0; count < characters && end < text.length; count++) end += unitsOf(codePointAt(text, end));
		this.skip(end);
	}

	/** Leaves out everything up to a unit of the source. */
	skip(end: number): void {
		this.#flush();
		this.#next = end;
		this.#kept = end;
		this.#changed = true;
	}

	/** The changed text; what was not mentioned at its end is left out. */
	finish(): AlignedText {
		if (!this.#changed && this.#next === this.#source.length) return this.#source;
		this.#flush();
		return new AlignedText(
			this.#parts.join(""),
			this.#begins.subarray(0, this.#length),
			this.#ends.subarray(0, this.#length),
		);
	}

	#flush(): void {
		const [from, to] = [this.#kept, this.#next];
		if (from === to) return;
		const { text, begins, ends, first } = this.#source;
		this.#reserve(to - from);
		this.#parts.push(text.slice(from, to));
		if (begins && ends) {
			this.#begins.set(begins.subarray(first + from, first + to), this.#length);
			this.#ends.set(ends.subarray(first + from, first + to), this.#length);
		} else
			for (let index = from, at = this.#length; index < to; index++, at++) {
				// Both units of a character are where the whole of it is.
				this.#begins[at] = first + index - Number(isLowSurrogate(text, index));
				this.#ends[at] = first + index + 1 + Number(isHighSurrogate(text, index));
			}
		this.#length += to - from;
		this.#kept = to;
	}

	#write(character: string, begin: number, end: number): void {
		this.#reserve(character.length);
		this.#parts.push(character);
		this.#begins.fill(begin, this.#length, this.#length + character.length);
		this.#ends.fill(end, this.#length, this.#length + character.length);
		this.#length += character.length;
		this.#changed = true;
	}

	#reserve(units: number): void {
		if (this.#length + units <= this.#begins.length) return;
		const capacity = Math.max(this.#length + units, 2 * this.#begins.length);
		this.#begins = grown(this.#begins, capacity);
		this.#ends = grown(this.#ends, capacity);
	}
}

function grown(values: Int32Array, length: number): Int32Array<ArrayBuffer> {
	const larger = new Int32Array(length);
	larger.set(values);
	return larger;
}

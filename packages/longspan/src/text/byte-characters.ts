/**
 * The character that stands for each byte in a vocabulary of byte-level BPE: the byte's own if it can be seen, else one from U+0100
 * on ("Language models are unsupervised multitask learners", Radford et al. 2019).
 */
export const byteCharacters: readonly string[] = (() => {
	const isVisible = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
	let hidden = 256;
	return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : hidden++));
})();

/** How a blank is written. */
export const blankByte = byteCharacters[32] as string;

const notPlain = /[^ -~]/;
const blanks = / /g;

/** Whether every character is one byte, and only blanks are written differently. */
export function isPlain(text: string): boolean {
	return !notPlain.test(text);
}

/** A plain text as the characters of its bytes. */
export function writeBytes(text: string): string {
	return text.replace(blanks, blankByte);
}

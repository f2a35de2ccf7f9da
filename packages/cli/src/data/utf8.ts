/** Bytes of the longest character in UTF-8. */
export const longestCharacter = 4;

/** Index of the byte that starts the last character, whole or not; the last byte where the bytes are no UTF-8. */
export function lastCharacter(bytes: Uint8Array): number {
	const last = bytes.length - 1;
	for (let index = last; index >= 0 && index > last - longestCharacter; index--)
		if (((bytes[index] as number) & 0xc0) !== 0x80) return index;
	return last;
}

import { lastCharacter } from "../data/utf8.js";
import type { TextCodec } from "./codec.js";

/** Ids that are bytes. What they make up need not be text: what is none is shown as "\ufffd". */
export const byteCodec: TextCodec = {
	encode: (bytes) => Int32Array.from(bytes),
	decoder(prompt) {
		const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
		const before = Uint8Array.from(prompt);
		// A character that the prompt leaves unfinished begins the text.
		if (before.length > 0) decoder.decode(before.subarray(lastCharacter(before)), { stream: true });
		return {
			push: (id) => decoder.decode(Uint8Array.of(id), { stream: true }),
			end: () => decoder.decode(),
		};
	},
};

import type { PostProcessor } from "./post-processor.js";
import type { Encoding } from "./tokenizer.js";

/** One or two texts as a model expects them, with the special tokens around them or without. */
export function withTemplate(
	{ single, pair: double }: PostProcessor,
	text: Encoding,
	pair: Encoding | undefined,
	addsSpecialTokens: boolean,
): Encoding {
	const whole = { ids: [], tokens: [], offsets: [], typeIds: [], sources: [] } as MutableEncoding;
	for (const item of pair ? double : single) {
		if ("source" in item) append(whole, item.source === 0 ? text : (pair as Encoding), item.typeId, item.source);
		else if (addsSpecialTokens)
			for (const { id, token } of item.tokens) {
				whole.ids.push(id);
				whole.tokens.push(token);
				whole.offsets.push([0, 0]);
				whole.typeIds.push(item.typeId);
				whole.sources.push(null);
			}
	}
	return whole;
}

type MutableEncoding = { -readonly [field in keyof Encoding]: Encoding[field][number][] };

function append(to: MutableEncoding, from: Encoding, typeId: number, source: 0 | 1): void {
	for (let index = 0; index < from.ids.length; index++) {
		to.ids.push(from.ids[index] as number);
		to.tokens.push(from.tokens[index] as string);
		to.offsets.push(from.offsets[index] as readonly [number, number]);
		to.typeIds.push(typeId);
		to.sources.push(source);
	}
}

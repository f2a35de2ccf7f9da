import { checkRows } from "../../generate/check-rows.js";
import { checkAlive, checkNextTokens } from "../../generate/check-session.js";
import type { DecoderSession } from "../../generate/decoder-session.js";
import { reshape } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs } from "../architecture.js";
import type { Declared } from "../parameters/declare.js";
import { projectKeysValues } from "./attention.js";
import { checkReading } from "./check-inputs.js";
import { decode } from "./decoder.js";
import { encode } from "./encoder.js";
import type { EncoderDecoderFamily, EncoderDecoderParameters } from "./model.js";
import { type EncoderMemory, RememberedAttention } from "./remembered-attention.js";

/**
 * Runs the encoder, and starts to decode. The session keeps, for each layer, the keys and values of the encoder's states once for each
 * text, however many rows it has, and those of the tokens for each row.
 *
 * @param scoresOf scores of the vocabulary, of states [rows, width]
 */
export function startDecoding<D extends Declared>(
	family: EncoderDecoderFamily<D>,
	{ tokens, encoder, decoder }: EncoderDecoderParameters<D>,
	given: EncoderInputs,
	scoresOf: (states: Tensor) => Tensor,
): DecoderSession {
	const { config, selfAttention } = family;
	const { name } = config;
	const inputs = checkReading(family, given);
	const entries = inputs.inputIds.shape[0] as number;
	const memory = keep(
		scope((): EncoderMemory => {
			const { lastHiddenState } = encode(encoder, tokens, config, selfAttention, inputs, {});
			const layers = decoder.layers.map(({ cross }) => projectKeysValues(lastHiddenState, cross, config.decoder.heads));
			return { layers, mask: inputs.attentionMask?.view() };
		}),
	);
	const attention = new RememberedAttention(memory, entries, config);
	let rows = entries;
	let position = 0;
	let disposed = false;

	return {
		get position() {
			return position;
		},
		get stateBytes() {
			return disposed ? 0 : attention.bytes;
		},
		append(ids) {
			checkAlive(name, disposed);
			checkNextTokens(name, ids, rows, config.vocabularySize);
			const length = ids.shape[1] as number;
			const scores = scope(() => {
				const { lastHiddenState } = decode(decoder, tokens, config, ids, position, attention, {});
				return scoresOf(reshape(slice(lastHiddenState, 1, length - 1), [rows, config.width]));
			});
			position += length;
			return scores;
		},
		select(chosen) {
			checkAlive(name, disposed);
			checkRows(name, chosen, rows, entries);
			attention.select(chosen);
			rows = chosen.length;
		},
		dispose() {
			disposed = true;
			attention.dispose();
		},
	};
}

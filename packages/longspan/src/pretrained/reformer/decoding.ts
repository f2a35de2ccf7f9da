import { checkRows } from "../../generate/check-rows.js";
import { checkAlive, checkNextTokens } from "../../generate/check-session.js";
import type { DecoderSession } from "../../generate/decoder-session.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs } from "../architecture.js";
import { checkEncoderInputs } from "../layers/encoder-inputs.js";
import type { LanguageInputs } from "../tasks.js";
import type { ReformerConfig } from "./config.js";

/** A sequence that grows, and the part of the attention mask that was given for its beginning. */
interface Row {
	readonly ids: Int32Array;
	readonly mask: Int32Array | undefined;
}

const name = "Reformer decoding";

/**
 * Decoding that remembers ids alone and computes everything again at each step. Of the inputs, `inputIds` says how many rows there are;
 * `attentionMask` covers the first tokens fed, and later ones are tokens.
 *
 * @param scoresAt logits [rows, vocabulary] at the positions of inputs
 */
export function recomputingSession(
	{ vocabularySize }: ReformerConfig,
	inputs: EncoderInputs,
	scoresAt: (inputs: LanguageInputs) => Tensor,
): DecoderSession {
	const { inputIds, numHashes, rotations } = inputs;
	const given = checkEncoderInputs(name, inputs, { vocabularySize })?.dataSync();
	const [batch, maskLength] = inputIds.shape as [number, number];
	let rows: readonly Row[] = Array.from({ length: batch }, (_, entry) => ({
		ids: new Int32Array(0),
		mask: given?.subarray(entry * maskLength, (entry + 1) * maskLength),
	}));
	let disposed = false;
	const position = () => rows[0]?.ids.length ?? 0;

	return {
		get position() {
			return position();
		},
		get stateBytes() {
			return 4 * rows.length * position();
		},
		append(ids) {
			checkAlive(name, disposed);
			checkNextTokens(name, ids, rows.length, vocabularySize);
			const [count, added] = ids.shape as [number, number];
			const next = ids.dataSync();
			const length = position() + added;
			const grown = rows.map((row, at) => {
				const all = new Int32Array(length);
				all.set(row.ids);
				all.set(next.subarray(at * added, (at + 1) * added), length - added);
				return { ...row, ids: all };
			});
			const whole = (valuesOf: (row: Row) => Int32Array) => {
				const values = new Int32Array(count * length);
				grown.forEach((row, at) => {
					values.set(valuesOf(row), at * length);
				});
				return intTensor(values, [count, length], ids.device);
			};
			const scores = scope(() =>
				scoresAt({
					inputIds: whole((row) => row.ids),
					attentionMask: given && whole((row) => maskOf(row, length)),
					numHashes,
					rotations,
					positions: intTensor(
						grown.map((_, at) => (at + 1) * length - 1),
						[count],
						ids.device,
					),
				}),
			);
			rows = grown;
			return scores;
		},
		select(chosen) {
			checkAlive(name, disposed);
			checkRows(name, chosen, rows.length, batch);
			rows = chosen.map((at) => rows[at] as Row);
		},
		dispose() {
			disposed = true;
			rows = [];
		},
	};
}

/** The attention mask of a row: that given for its beginning, then tokens. */
function maskOf({ mask }: Row, length: number): Int32Array {
	const values = new Int32Array(length).fill(1);
	if (mask) values.set(mask.subarray(0, length));
	return values;
}

import { OptionError } from "../errors.js";
import { checkOperands } from "../ops/operands.js";
import { keep, scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Attention, DecodingSession } from "./mechanism.js";
import { attentionSizes, checkSameLength } from "./sizes.js";

/** The next tokens of a stream. */
export interface StreamChunk {
	/** [batch, heads, length, headDim] */
	readonly q: Tensor;
	/** [batch, heads, length, headDim] */
	readonly k: Tensor;
	/** [batch, heads, length, valueDim] */
	readonly v: Tensor;
}

/**
 * Attention over a sequence of any length that is never whole in memory: chunk after chunk through a decoding session, with the
 * outputs that one call over the whole would give. What is kept between chunks is the session's state: a window of keys, or the sums of linear
 * attention, whatever the length. The first chunk says the sizes; lengths may differ.
 *
 * The chunks belong to the caller, who may free one when the next is asked for (after `yield`, in a generator); the outputs belong to
 * whoever iterates. The session is freed at the end, also if the loop is left early or either side throws.
 *
 * @throws OptionError, when the first chunk is asked for, if the mechanism is not causal or needs weights
 * @example
 * for await (const out of streamAttention(slidingWindow({ window: 256, causal: true }), chunks)) {
 *   await write(await out.data());
 *   out.dispose();
 * }
 */
export async function* streamAttention(
	attend: Attention,
	chunks: Iterable<StreamChunk> | AsyncIterable<StreamChunk>,
): AsyncGenerator<Tensor, void, void> {
	const name = "streamAttention";
	if (!attend.causal)
		throw new OptionError(
			`${name}: the mechanism "${attend.description}" is not causal; a stream needs causal: true, since later tokens are not there yet`,
		);
	if (attend.initialize)
		throw new OptionError(
			`${name}: the mechanism "${attend.description}" needs weights, which a stream has no place for; call it on the whole sequence with options.weights`,
		);
	let session: DecodingSession | undefined;
	try {
		for await (const { q, k, v } of chunks) {
			checkOperands(name, { q, k, v });
			const { batch, heads, queryLength, keyLength, headDim, valueDim } = attentionSizes(name, q, k, v);
			checkSameLength(name, queryLength, keyLength);
			session ??= attend.startDecoding({ batch, heads, headDim, valueDim });
			const running = session;
			yield scope(() => keep(running.append(q, k, v)));
		}
	} finally {
		session?.dispose();
	}
}

import { withTape } from "../../autograd/tape.js";
import { sub } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { reshape } from "../../ops/reshape.js";
import { concat, slice } from "../../ops/slice.js";
import { transpose } from "../../ops/transpose.js";
import { exp } from "../../ops/unary.js";
import { filled, ones, zeros } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { hiddenExponent } from "../linear/hide-keys.js";
import { runningState } from "../linear/running-state.js";
import { blocks, type EfficientState } from "./chunks.js";

/**
 * The states before each chunk, relative to the running maxima there. The state of a channel decays by exp(old maximum - new maximum) from one
 * chunk to the next: a running state (engine 2) with channels in the place of heads and chunks in the place of positions, whose
 * "values" are the chunks' own sums.
 *
 * @param maxima running maxima, of the shape of `keys`
 * @returns states [batch, heads * chunks, headDim, columns] and the maxima they are relative to, starts [batch, heads * chunks, 1, headDim]
 */
export function scanChunks(
	keys: Tensor,
	values: Tensor,
	maxima: Tensor,
	chunk: number,
	before: EfficientState | undefined,
): { states: Tensor; starts: Tensor; final: EfficientState } {
	const [batch, heads, length, headDim] = keys.shape as [number, number, number, number];
	const columns = values.shape[3] as number;
	const chunks = length / chunk;
	const { device } = keys;
	return scope(() => {
		const { ends, starts, decay } = withTape(null, () =>
			scope(() => {
				const last = slice(blocks(maxima, chunk), 2, chunk - 1);
				const perHead = reshape(last, [batch, heads, chunks, headDim]);
				const first = before?.largest ?? filled([batch, heads, 1, headDim], hiddenExponent, device);
				const previous = concat([first, slice(perHead, 2, 0, chunks - 1)], 2);
				return {
					ends: last,
					starts: reshape(previous, last.shape),
					decay: reshape(transpose(sub(previous, perHead), [0, 1, 3, 2]), [batch, heads * headDim, chunks]),
				};
			}),
		);
		const chunkSums = scope(() => {
			const sums = matmul(
				scope(() => exp(sub(blocks(keys, chunk), ends))),
				blocks(values, chunk),
				{ transposeA: true },
			);
			const byChunk = reshape(sums, [batch, heads, chunks, headDim, columns]);
			return reshape(transpose(byChunk, [0, 1, 3, 2, 4]), [batch, heads * headDim, chunks, columns]);
		});
		const unit = ones([batch, heads * headDim, chunks, 1], device);
		const channelState = [batch, heads * headDim, 1, columns];
		const initial = before ? reshape(before.sum, channelState) : zeros(channelState, device);
		const { output, finalState } = runningState(unit, unit, chunkSums, {
			logDecay: decay,
			normalize: false,
			...(before && { initialState: { sum: initial, normalizer: null } }),
		});
		const states = scope(() => {
			const beforeEach = concat([initial, slice(output, 2, 0, chunks - 1)], 2);
			const byChannel = reshape(beforeEach, [batch, heads, headDim, chunks, columns]);
			return reshape(transpose(byChannel, [0, 1, 3, 2, 4]), [batch, heads * chunks, headDim, columns]);
		});
		const largest = slice(reshape(ends, [batch, heads, chunks, headDim]), 2, chunks - 1);
		const final = { largest, sum: reshape(finalState.sum, [batch, heads, headDim, columns]) };
		return { states, starts, final };
	});
}

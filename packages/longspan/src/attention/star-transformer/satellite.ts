import { ShapeError } from "../../errors.js";
import { add, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkChoice, checkOperands } from "../../ops/operands.js";
import { sum } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { concat, slice } from "../../ops/slice.js";
import { softmax } from "../../ops/softmax.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { attentionSizes, checkSameLength } from "../sizes.js";
import { checkLengths, ringNeighbours, type StarRing, tokenMask } from "./ring.js";

export interface StarSatelliteInputs {
	/** [batch, heads, length, headDim], of the tokens. */
	q: Tensor;
	/** [batch, heads, length, headDim] */
	k: Tensor;
	/** [batch, heads, length, valueDim] */
	v: Tensor;
	/** Keys of the tokens' embeddings, shaped as k. */
	embeddingKeys: Tensor;
	/** Values of the tokens' embeddings, shaped as v. */
	embeddingValues: Tensor;
	/** Key of the relay node, [batch, heads, 1, headDim]. */
	relayKey: Tensor;
	/** Value of the relay node, [batch, heads, 1, valueDim]. */
	relayValue: Tensor;
	/** Real tokens of each batch entry, which come first. Default: all. */
	lengths?: readonly number[] | undefined;
	/** Default: "closed". */
	ring?: StarRing | undefined;
}

const name = "starSatellite";

/**
 * Attention of the satellite nodes of a Star-Transformer (Guo et al. 2019, arXiv 1902.09113, section 3.1): each token attends to five
 * slots, the token before it, itself, the one after it, its embedding and the relay node. Scores are scaled by 1 / sqrt(headDim).
 * The ring is that of the real tokens of a batch entry; rows of padding are 0.
 *
 * @returns [batch, heads, length, valueDim]
 * @throws ShapeError, DTypeError; OptionError for lengths that do not fit the batch
 */
export function starSatellite(inputs: StarSatelliteInputs): Tensor {
	const { q, k, v, embeddingKeys, embeddingValues, relayKey, relayValue, ring = "closed" } = inputs;
	const { batch, heads, queryLength, keyLength, headDim, valueDim, device } = attentionSizes(name, q, k, v);
	checkSameLength(name, queryLength, keyLength);
	checkShapes({ q, embeddingKeys, embeddingValues, relayKey, relayValue }, [
		q.shape,
		k.shape,
		v.shape,
		[batch, heads, 1, headDim],
		[batch, heads, 1, valueDim],
	]);
	const lengths = checkLengths(name, inputs.lengths, batch, keyLength);
	checkChoice(name, "ring", ring, ["closed", "zero-padded"]);
	return scope(() => {
		const neighbours = ringNeighbours(lengths, heads, keyLength, ring, device);
		// One slot at a time, so that what is made for it is freed before the next.
		const score = (keys: () => Tensor) => scope(() => sum(mul(q, keys()), { axes: -1, keepDims: true }));
		const scores = concat(
			[
				score(() => neighbours(k, "before")),
				score(() => k),
				score(() => neighbours(k, "after")),
				score(() => embeddingKeys),
				matmul(q, relayKey, { transposeB: true }),
			],
			3,
		);
		const weights = softmax(mul(scores, 1 / Math.sqrt(headDim)));
		const weightOf = (slot: number) => slice(weights, 3, slot, slot + 1);
		const values = [() => neighbours(v, "before"), () => v, () => neighbours(v, "after"), () => embeddingValues];
		const output = values.reduce(
			(total: () => Tensor, value, slot) => () => scope(() => add(total(), mul(weightOf(slot), value()))),
			() => matmul(weightOf(4), relayValue),
		)();
		if (lengths.every((length) => length === keyLength)) return output;
		const real = reshape(tokenMask(lengths, keyLength, device), [batch, 1, keyLength, 1]);
		return where(real, output, filled([], 0, device));
	});
}

function checkShapes(operands: Record<string, Tensor>, shapes: readonly (readonly number[])[]): void {
	checkOperands(name, operands);
	for (const [at, [argument, { shape }]] of Object.entries(operands).entries())
		if (!sameShape(shape, shapes[at] as readonly number[]))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(shape)}; expected ${formatShape(shapes[at] as readonly number[])}`,
			);
}

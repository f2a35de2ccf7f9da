import { add, div, sub } from "../../ops/arithmetic.js";
import { sum } from "../../ops/reduce.js";
import { reshape } from "../../ops/reshape.js";
import { signedArgMax } from "../../ops/signed-arg-max.js";
import { concat, slice } from "../../ops/slice.js";
import { relu } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { filled, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Contiguous segments that fill a sequence: the first `longer` of them have `size` + 1 tokens, the others `size`. */
interface Segments {
	readonly count: number;
	readonly size: number;
	readonly longer: number;
}

/** As many segments as asked for, as equal as possible; with fewer tokens than that, one for each token. */
function segmentsOf(length: number, most: number): Segments {
	const count = Math.min(most, length);
	const size = Math.floor(length / count);
	return { count, size, longer: length - count * size };
}

/** Sums over the tokens of each segment: [batch, heads, length, width] to [batch, heads, segments, width]. */
function sumSegments(x: Tensor, { count, size, longer }: Segments): Tensor {
	const [batch, heads, , width] = x.shape as [number, number, number, number];
	const sums = (part: Tensor, parts: number, tokens: number) =>
		sum(reshape(part, [batch, heads, parts, tokens, width]), { axes: 3 });
	if (longer === 0) return sums(x, count, size);
	const end = longer * (size + 1);
	return scope(() =>
		concat([sums(slice(x, 2, 0, end), longer, size + 1), sums(slice(x, 2, end), count - longer, size)], 2),
	);
}

/**
 * Means of the tokens of each segment that take part, 0 where none does: how global tokens start. The sequence is cut into
 * `most` contiguous segments, or one for each token if there are fewer; where they cannot be equal, the first ones have one more token.
 *
 * @param inputs [batch, heads, length, width]; the widths may differ
 * @param mask int32 [batch, length], 1 for tokens that take part. Default: all.
 * @returns the means [batch, heads, segments, width] of each input, and an int32 [batch, segments] with 1 for segments that have a mean,
 * if there is a mask
 */
export function segmentMeans<Inputs extends { readonly [name: string]: Tensor }>(
	inputs: Inputs,
	most: number,
	mask?: Tensor<"int32">,
): { means: Inputs; mask: Tensor<"int32"> | undefined } {
	return scope(() => {
		const [{ shape, device }] = Object.values(inputs) as [Tensor];
		const [batch, , length] = shape as [number, number, number];
		const segments = segmentsOf(length, most);
		const { count, size, longer } = segments;
		const constant = (value: number) => filled([], value, device);
		const kept = mask && reshape(mask, [batch, 1, length, 1]);
		const tokens = kept
			? sumSegments(where(kept, constant(1), constant(0)), segments)
			: tensor(
					Array.from({ length: count }, (_, segment) => size + Number(segment < longer)),
					[1, 1, count, 1],
					device,
				);
		const divisor = add(relu(sub(tokens, 1)), 1); // at least 1
		const meanOf = (x: Tensor) => div(sumSegments(kept ? where(kept, x, constant(0)) : x, segments), divisor);
		return {
			means: Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, scope(() => meanOf(x))])) as Inputs,
			// Negative, and so 1 to signedArgMax, where there is a token.
			mask: kept && reshape(signedArgMax(sub(0.5, tokens)), [batch, count]),
		};
	});
}

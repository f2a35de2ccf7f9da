import { customOp } from "../../autograd/custom-op.js";
import { OptionError } from "../../errors.js";
import { embedding } from "../../ops/embedding.js";
import { checkNumber } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { where } from "../../ops/where.js";
import { filled, intTensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/** What the neighbours of the first and the last token are. */
export type StarRing =
	/** Each other: the tokens form a ring (Guo et al. 2019). Tokens of a ring of one or two have the same neighbour twice. */
	| "closed"
	/** A key and a value of zeros, which stay in the softmax with a score of 0 (fastNLP). */
	| "zero-padded";

/** Checks the number of real tokens of each batch entry; default: all of them. */
export function checkLengths(
	name: string,
	lengths: readonly number[] | undefined,
	batch: number,
	longest: number,
): readonly number[] {
	if (!lengths) return new Array<number>(batch).fill(longest);
	if (!Array.isArray(lengths) || lengths.length !== batch)
		throw new OptionError(
			`${name}: lengths has ${lengths.length} entries; expected one for each of the ${batch} batch entries`,
		);
	for (const length of lengths) checkNumber(name, "lengths", length, { min: 1, max: longest, integer: true });
	return lengths;
}

/** 1 for real tokens: int32 [batch, longest]. */
export function tokenMask(lengths: readonly number[], longest: number, device: Device): Tensor<"int32"> {
	return maskWhere(lengths, longest, device, (i, length) => i < length);
}

function maskWhere(
	lengths: readonly number[],
	longest: number,
	device: Device,
	test: (i: number, length: number) => boolean,
): Tensor<"int32"> {
	const values = lengths.flatMap((length) => Array.from({ length: longest }, (_, i) => Number(test(i, length))));
	return intTensor(values, [lengths.length, longest], device);
}

/** Row of the token `step` ahead in the ring of its batch entry, for every batch entry, head and token; padding stays. */
function rowsAhead(lengths: readonly number[], heads: number, longest: number, step: 1 | -1): Int32Array {
	const rows = new Int32Array(lengths.length * heads * longest);
	for (let at = 0; at < rows.length; at++) {
		const i = at % longest;
		const length = lengths[Math.floor(at / (heads * longest))] as number;
		rows[at] = i < length ? at - i + ((i + step + length) % length) : at;
	}
	return rows;
}

/** Rows of x [batch, heads, length, width] by index; the gradient goes back by the inverse permutation. */
const permuteRows = customOp({
	forward: (x: Tensor, rows: Tensor<"int32">, _inverse: Tensor<"int32">) => ({ output: takeRows(x, rows) }),
	backward: ({ inputs: [, , inverse] }, dy) => [dy && takeRows(dy, inverse), null, null],
});

function takeRows(x: Tensor, rows: Tensor<"int32">): Tensor {
	return scope(() => reshape(embedding(reshape(x, [-1, x.shape[3] as number]), rows), x.shape));
}

/** The keys or values of the token before each token, or after it. */
export type RingNeighbours = (x: Tensor, side: "before" | "after") => Tensor;

/** Neighbours in rings of the given lengths, for tensors [batch, heads, longest, width]. */
export function ringNeighbours(
	lengths: readonly number[],
	heads: number,
	longest: number,
	ring: StarRing,
	device: Device,
): RingNeighbours {
	const indices = (step: 1 | -1) => {
		const rows = rowsAhead(lengths, heads, longest, step);
		return intTensor(rows, [rows.length], device);
	};
	const [before, after] = [indices(-1), indices(1)];
	const shifted: RingNeighbours = (x, side) =>
		side === "before" ? permuteRows(x, before, after) : permuteRows(x, after, before);
	if (ring === "closed") return shifted;
	const mask = (test: (i: number, length: number) => boolean) =>
		reshape(maskWhere(lengths, longest, device, test), [lengths.length, 1, longest, 1]);
	const inside = { before: mask((i) => i > 0), after: mask((i, length) => i + 1 < length) };
	return (x, side) => scope(() => where(inside[side], shifted(x, side), filled([], 0, device)));
}

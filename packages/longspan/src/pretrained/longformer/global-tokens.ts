import { ShapeError } from "../../errors.js";
import { embedding } from "../../ops/embedding.js";
import { checkOperands } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** The global tokens of one call, for all layers. */
export interface GlobalTokensOfCall {
	/** Ascending positions for each batch entry. */
	readonly lists: readonly (readonly number[])[];
	/** Global tokens of the batch entry that has most, at least 1. */
	readonly count: number;
	/** Rows of [batch · length] that hold them, int32 [batch, count]; the first row of the entry where it has fewer. */
	readonly rows: Tensor<"int32">;
}

/**
 * Global tokens by a mask, as checkpoints of Longformer and LED are called: those of padding do not count. Undefined if there are none.
 *
 * @param marks int32 [batch, length], not 0 for global tokens; undefined: none
 * @param keyMask int32 [batch, length], 1 for tokens, 0 for padding; undefined: all are tokens
 * @throws ShapeError if the masks differ in shape
 */
export function globalTokensOf(
	marks: Tensor<"int32"> | undefined,
	keyMask: Tensor<"int32"> | undefined,
): GlobalTokensOfCall | undefined {
	if (!marks) return undefined;
	checkOperands("longformer", { globalAttentionMask: marks }, "int32");
	if (keyMask && !sameShape(marks.shape, keyMask.shape))
		throw new ShapeError(
			`longformer: argument globalAttentionMask has shape ${formatShape(marks.shape)}; expected ${formatShape(keyMask.shape)}, that of attentionMask`,
		);
	const [batch, length] = marks.shape as [number, number];
	const [marked, kept] = [marks.dataSync(), keyMask?.dataSync()];
	const lists = Array.from({ length: batch }, (_, entry) => {
		const list: number[] = [];
		for (let position = 0; position < length; position++) {
			const at = entry * length + position;
			if (marked[at] !== 0 && kept?.[at] !== 0) list.push(position);
		}
		return list;
	});
	const count = Math.max(...lists.map((list) => list.length));
	if (count === 0) return undefined;
	const rows = lists.flatMap((list, entry) =>
		Array.from({ length: count }, (_, at) => entry * length + (list[at] ?? 0)),
	);
	return { lists, count, rows: intTensor(rows, [batch, count], marks.device) };
}

/** The global tokens of x, [batch, count, dim]. */
export function rowsOfGlobals(x: Tensor, { rows }: GlobalTokensOfCall): Tensor {
	const [batch, length, dim] = x.shape as [number, number, number];
	return scope(() => embedding(reshape(x, [batch * length, dim]), rows));
}

import { sumGradients } from "../autograd/combine.js";
import { runAgain, runUnsaved } from "../autograd/recompute.js";
import { activeTape } from "../autograd/tape.js";
import { concat, slice } from "../ops/slice.js";
import { scope } from "../tensor/scope.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";

/**
 * Applies a function that treats every position alike to `chunkLength` positions at a time. Only the inputs are kept: the backward pass
 * repeats each chunk, so what the function computes in between never exists for more than one chunk. Time and memory are linear in
 * the length.
 *
 * @param inputs x, and what belongs to its positions, all cut along `axis`. Gradients reach x alone, and parameters that `fn` has from
 * outside, which must stay alive until the backward pass
 * @param fn gets a piece of each input; its result is cut along the same axis
 */
export function inChunks<I extends [x: Tensor, ...beside: AnyTensor[]]>(
	inputs: I,
	axis: number,
	chunkLength: number,
	fn: (...pieces: I) => Tensor,
): Tensor {
	const length = inputs[0].shape[axis] as number;
	if (length <= chunkLength) return fn(...inputs);
	const starts = Array.from({ length: Math.ceil(length / chunkLength) }, (_, chunk) => chunk * chunkLength);
	const pieceOf = <T extends AnyTensor>(whole: T, start: number) =>
		slice(whole, axis, start, Math.min(start + chunkLength, length)) as T;
	const apply = (whole: readonly AnyTensor[], start: number): Tensor =>
		scope(() => fn(...(whole.map((input) => pieceOf(input, start)) as I)));
	const run = (...whole: I): Tensor =>
		scope(() =>
			concat(
				starts.map((start) => apply(whole, start)),
				axis,
			),
		);
	const outer = activeTape();
	if (!outer) return run(...inputs);
	const { result, outside, depends } = runUnsaved(outer, inputs, run);
	if (depends)
		outer.add([inputs[0], ...outside], [result], {
			save: inputs,
			backward: (saved, [dy], needed) => {
				const dx: Tensor[] = [];
				let sums: readonly (Tensor | null)[] = outside.map(() => null);
				for (const start of starts) {
					const [dPiece, ...own] = scope(() => {
						const pieces = saved.map((input) => pieceOf(input, start)) as I;
						const { pullBack } = runAgain([pieces[0], ...outside], needed, () => fn(...pieces));
						return pullBack([pieceOf(dy as Tensor, start)]);
					});
					if (dPiece) dx.push(dPiece);
					sums = own.map((gradient, index) => sumGradients(sums[index] ?? null, gradient));
				}
				return [dx.length > 0 ? concat(dx, axis) : null, ...sums];
			},
		});
	return result;
}

import { scope } from "../tensor/scope.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { treeTensors } from "../tensor/tree.js";
import { record, withTape } from "./tape.js";

/** An operation with a gradient of its own. */
export interface CustomOperation<I extends AnyTensor[], O extends Tensor | Tensor[]> {
	/** Computes the output, and whatever else the backward function wants to see again. Nothing in it is recorded. */
	forward(...inputs: I): { output: O; save?: readonly AnyTensor[] };
	/**
	 * @param context `inputs` as given to forward, `saved` as forward returned it, `needed[i]` whether input i needs a gradient
	 * @param gradients of the outputs, in order; null where an output was not used
	 * @returns one gradient per input, null where none is needed or it is zero
	 */
	backward(
		context: { inputs: I; saved: AnyTensor[]; needed: boolean[] },
		...gradients: (Tensor | null)[]
	): (Tensor | null)[];
}

/**
 * Makes a differentiable function from a forward and a backward function.
 *
 * @example
 * const double = customOp({
 *   forward: (x: Tensor) => ({ output: mul(x, 2) }),
 *   backward: (_, dy) => [dy && mul(dy, 2)],
 * });
 */
export function customOp<I extends AnyTensor[], O extends Tensor | Tensor[]>(
	operation: CustomOperation<I, O>,
): (...inputs: I) => O {
	return (...inputs) => {
		const { output, save = [] } = scope(() => withTape(null, () => operation.forward(...inputs)));
		record(inputs, treeTensors(output), {
			save: [...inputs, ...save],
			backward: (kept, gradients, needed) =>
				operation.backward(
					{ inputs: kept.slice(0, inputs.length) as I, saved: kept.slice(inputs.length), needed },
					...gradients,
				),
		});
		return output;
	};
}

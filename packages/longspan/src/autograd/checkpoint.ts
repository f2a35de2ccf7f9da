import { scope } from "../tensor/scope.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { treeTensors } from "../tensor/tree.js";
import { runAgain, runUnsaved } from "./recompute.js";
import { activeTape } from "./tape.js";

/**
 * Runs `fn(...inputs)` without keeping what its backward pass needs; the backward pass runs `fn` again (Chen et al. 2016,
 * arXiv 1604.06174). Memory for a deep stack falls to one block's activations and the block inputs, for one more forward pass.
 *
 * `fn` must give the same result each time (random operations take explicit keys, so they do). It may use parameters
 * from outside, which must stay alive until the backward pass and get their gradients as usual.
 */
export function checkpoint<I extends AnyTensor[], O extends Tensor | Tensor[]>(
	fn: (...inputs: I) => O,
	...inputs: I
): O {
	const outer = activeTape();
	if (!outer) return scope(() => fn(...inputs));
	const { result, outside, depends } = runUnsaved(outer, inputs, fn);
	if (depends)
		outer.add([...inputs, ...outside], treeTensors(result), {
			save: inputs,
			backward: (saved, gradients, needed) => {
				const again = saved as I;
				// The scope frees the outputs: their gradients are known.
				const pullBack = scope(() => runAgain([...again, ...outside], needed, () => fn(...again)).pullBack);
				return pullBack(gradients);
			},
		});
	return result;
}

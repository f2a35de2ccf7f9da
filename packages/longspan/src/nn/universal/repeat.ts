import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import { mapTree, type TensorTree, treeTensors } from "../../tensor/tree.js";

/**
 * Applies `body` to what it returned the step before, for the steps 1 to `steps` or until it returns null. Tensors of a step are freed
 * once the next is done, unless a tape keeps them.
 */
export function repeat<S extends TensorTree>(
	initial: S,
	steps: number,
	body: (carried: S, step: number) => S | null,
): S {
	let carried = initial;
	for (let step = 1; step <= steps; step++) {
		const next = scope(() => {
			const returned = body(carried, step);
			// Views, so that a body may return what belongs to others.
			return returned && mapTree(returned, (tensor) => reshape(tensor, tensor.shape));
		});
		if (next === null) break;
		if (step > 1) for (const tensor of treeTensors(carried)) tensor.dispose();
		carried = next;
	}
	return carried;
}

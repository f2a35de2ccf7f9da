import { PackedMatrix } from "../../ops/packed-matrix.js";
import { Tensor } from "../../tensor/tensor.js";

/** Calls `visit` with every weight of a tree, a tied one as often as it stands there. */
export function visitParameters(tree: unknown, visit: (weight: Tensor | PackedMatrix) => void): void {
	if (tree instanceof Tensor || tree instanceof PackedMatrix) visit(tree);
	else if (typeof tree === "object" && tree !== null)
		for (const part of Object.values(tree)) visitParameters(part, visit);
}

/** Frees every weight of a tree. */
export function disposeParameters(tree: unknown): void {
	visitParameters(tree, (weight) => weight.dispose());
}

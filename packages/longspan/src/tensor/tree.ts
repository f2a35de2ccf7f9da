import type { DType } from "../backends/backend.js";
import { OptionError } from "../errors.js";
import { Tensor } from "./tensor.js";

/** Tensors in nested arrays and plain objects: the parameters of a model, the results of a function. */
export type TensorTree = Tensor<DType> | readonly TensorTree[] | { readonly [name: string]: TensorTree };

function isPlain(value: unknown): value is Record<string, unknown> {
	if (typeof value !== "object" || value === null) return false;
	const prototype = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}

/** The tensors of a tree, in order of appearance. Values that are not tensors are passed over. */
export function treeTensors(tree: unknown): Tensor<DType>[] {
	if (tree instanceof Tensor) return [tree];
	if (Array.isArray(tree)) return tree.flatMap(treeTensors);
	if (isPlain(tree)) return Object.values(tree).flatMap(treeTensors);
	return [];
}

/** A tree of the same form with every tensor replaced. Throws on anything but tensors, arrays and plain objects. */
export function mapTree<T, R>(tree: T, replace: (tensor: Tensor<DType>, path: string) => R, path = ""): T {
	if (tree instanceof Tensor) return replace(tree, path) as unknown as T;
	if (Array.isArray(tree)) return tree.map((child, index) => mapTree(child, replace, `${path}[${index}]`)) as T;
	if (isPlain(tree))
		return Object.fromEntries(
			Object.entries(tree).map(([name, child]) => [name, mapTree(child, replace, path ? `${path}.${name}` : name)]),
		) as T;
	throw new OptionError(
		`a tree of tensors holds ${typeof tree} at ${path || "its root"}; expected tensors in arrays and plain objects`,
	);
}

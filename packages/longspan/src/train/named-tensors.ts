import { OptionError } from "../errors.js";
import { checkObject } from "../ops/operands.js";
import { keep, scope } from "../tensor/scope.js";
import { formatShape, type Shape, sameShape } from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { mapTree, treeTensors } from "../tensor/tree.js";

/** Tensors by name, as they are saved: `blocks[0].norm.weight` of a tree is "blocks.0.norm.weight". */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** A tensor of a tree. One that has several places there, such as a tied weight, is one leaf, named after the first. */
export interface Leaf {
	readonly name: string;
	readonly tensor: Tensor;
	/** Index of its first place among all tensors of the tree. */
	readonly place: number;
}

/** The different tensors of a tree, in order of appearance. */
export function leavesOf(operation: string, tree: unknown): Leaf[] {
	const leaves = new Map<number, Leaf>();
	const names = new Set<string>();
	let place = 0;
	mapTree(tree, (tensor, path) => {
		if (!leaves.has(tensor.id)) {
			const name = path.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, "");
			if (names.has(name))
				throw new OptionError(
					`${operation}: two parameters are called "${name}"; expected names without dots or brackets of their own`,
				);
			names.add(name);
			leaves.set(tensor.id, { name, tensor: tensor as Tensor, place });
		}
		place++;
		return tensor;
	});
	if (leaves.size === 0) throw new OptionError(`${operation}: the tree holds no tensor; expected at least one`);
	return [...leaves.values()];
}

/** The name of what belongs to a parameter: `slot` before its name, which is empty if the parameters are a single tensor. */
export function slotName(slot: string, name: string): string {
	return name ? `${slot}.${name}` : slot;
}

/** Replaces the tensors of a tree one by one, each freed before the next is made. A tensor with several places is replaced once. */
export function replaceTensors<T>(tree: T, replace: (tensor: Tensor, place: number) => Tensor): T {
	const replaced = new Map<number, AnyTensor>();
	let place = 0;
	return mapTree(tree, (tensor) => {
		let next = replaced.get(tensor.id);
		if (!next) {
			next = scope(() => replace(tensor as Tensor, place));
			replaced.set(tensor.id, next);
			tensor.dispose();
		}
		place++;
		return next;
	});
}

/** Checks that a tree has as many tensors as the parameters, of their shapes. */
export function checkForm(operation: string, argument: string, tree: unknown, parameters: unknown): void {
	const [found, expected] = [treeTensors(tree), treeTensors(parameters)];
	const wrong = expected.findIndex((tensor, index) => !sameShape(tensor.shape, found[index]?.shape ?? [Number.NaN]));
	if (found.length !== expected.length)
		throw new OptionError(
			`${operation}: ${argument} has ${found.length} tensors; expected ${expected.length}, the form of the parameters`,
		);
	if (wrong >= 0)
		throw new OptionError(
			`${operation}: tensor ${wrong} of ${argument} has shape ${formatShape(found[wrong]?.shape ?? [])}; expected ${formatShape(expected[wrong]?.shape ?? [])}, that of its parameter`,
		);
}

/** Checks that a saved state holds the tensors expected, of these shapes, and no others. */
export function checkState(operation: string, tensors: NamedTensors, shapes: ReadonlyMap<string, Shape>): void {
	checkObject(operation, "state.tensors", tensors);
	for (const [name, shape] of shapes) {
		const found = tensors[name];
		if (!found)
			throw new OptionError(
				`${operation}: state has no tensor "${name}"; expected the state of the same optimiser for the same parameters`,
			);
		if (!sameShape(found.shape, shape))
			throw new OptionError(
				`${operation}: state has "${name}" with shape ${formatShape(found.shape)}; expected ${formatShape(shape)}`,
			);
	}
	for (const name of Object.keys(tensors))
		if (!shapes.has(name))
			throw new OptionError(
				`${operation}: state has a tensor "${name}" that nothing here asks for; expected the state of the same optimiser for the same parameters`,
			);
}

/** A tensor over the same memory that lives until it is disposed. */
export function ownView(tensor: Tensor): Tensor {
	return keep(tensor.view());
}

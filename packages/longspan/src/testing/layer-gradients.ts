import type { ForwardOptions } from "../nn/forward-options.js";
import { normalInitializer } from "../nn/initialize.js";
import type { Layer } from "../nn/layer.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { mapTree, type TensorTree, treeTensors } from "../tensor/tree.js";
import { expectGradients } from "./tensor-gradient.js";

/** The same tree with other leaves, in the order of `treeTensors`. */
export function withLeaves<P extends TensorTree>(tree: P, leaves: readonly Tensor[]): P {
	let at = 0;
	return mapTree(tree, () => leaves[at++] as Tensor);
}

/** Expects the gradients of a function of weights in every one of them to equal central differences, at random weights. */
export function expectTreeGradients<P extends TensorTree>(device: Device, tree: P, fn: (weights: P) => Tensor): void {
	const shapes = treeTensors(tree).map(({ shape }) => shape);
	expectGradients(device, (...weights) => fn(withLeaves(tree, weights)), shapes);
}

/** The same for a layer, and in its input. */
export function expectLayerGradients<P extends TensorTree>(
	device: Device,
	layer: Pick<Layer<P>, "initialize" | "apply">,
	shape: Shape,
	options?: ForwardOptions,
): void {
	scope(() => {
		const parameters = layer.initialize(normalInitializer(1));
		const shapes = treeTensors(parameters).map((weight) => weight.shape);
		expectGradients(device, (x, ...weights) => layer.apply(withLeaves(parameters, weights), x, options), [
			shape,
			...shapes,
		]);
	});
}

import { DTypeError, OptionError, ShapeError } from "../errors.js";
import { filled } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { mapTree, type TensorTree, treeTensors } from "../tensor/tree.js";
import { activeTape, Tape, withTape } from "./tape.js";

function checkParameters(operation: string, tree: unknown): void {
	mapTree(tree, (parameter, path) => {
		if (parameter.dtype !== "float32")
			throw new DTypeError(
				`${operation}: parameter ${path || "(root)"} is ${parameter.dtype}; only float32 tensors have gradients`,
			);
		parameter.buffer; // throws here, with the tensor's shape, if it was disposed
		return parameter;
	});
}

function checkNotNested(operation: string): void {
	if (activeTape())
		throw new OptionError(
			`${operation}: called inside a function that is being differentiated; gradients of gradients are not supported`,
		);
}

function startTape(parameters: readonly Tensor[]): Tape {
	const tape = new Tape();
	for (const parameter of parameters) tape.track(parameter);
	return tape;
}

/** Gradients in the order of `parameters`; zeros where the function does not depend on one. */
function gradientsOf(tape: Tape, parameters: readonly Tensor[], seeds: ReadonlyMap<number, Tensor>): Tensor[] {
	const gradients = tape.walkBack(
		seeds,
		parameters.map((parameter) => parameter.id),
	);
	return gradients.map((gradient, index) => {
		const parameter = parameters[index] as Tensor;
		return gradient ?? filled(parameter.shape, 0, parameter.device);
	});
}

/** Puts the gradients in a tree of the parameters' form. A tensor that appears twice has its whole gradient at both places. */
function likeTree<P>(parameters: P, leaves: readonly Tensor[], gradients: readonly Tensor[]): P {
	const byId = new Map(leaves.map((leaf, index) => [leaf.id, gradients[index] as Tensor]));
	return mapTree(parameters, (leaf) => byId.get(leaf.id) as Tensor);
}

function distinct(tree: unknown): Tensor[] {
	return [...new Map(treeTensors(tree).map((leaf) => [leaf.id, leaf as Tensor])).values()];
}

/**
 * Turns a function of parameters into one that also returns the gradient of its scalar result with respect to the
 * first argument: a tensor, or tensors nested in arrays and plain objects.
 *
 * @returns (parameters, ...rest) => { value, gradient }, with `gradient` of the form of `parameters`
 * @throws ShapeError if the result is not a single element, DTypeError for parameters that are not float32
 *
 * @example
 * const step = valueAndGrad((p: { w: Tensor }) => sum(mul(p.w, p.w)));
 * const { value, gradient } = step({ w: tensor([1, 2, 3]) }); // gradient.w is [2, 4, 6]
 */
export function valueAndGrad<P extends TensorTree, Rest extends unknown[]>(
	fn: (parameters: P, ...rest: Rest) => Tensor,
): (parameters: P, ...rest: Rest) => { value: Tensor; gradient: P } {
	return (parameters, ...rest) => {
		checkNotNested("valueAndGrad");
		checkParameters("valueAndGrad", parameters);
		return scope(() => {
			const leaves = distinct(parameters);
			const tape = startTape(leaves);
			try {
				const value = withTape(tape, () => fn(parameters, ...rest));
				if (!(value instanceof Tensor) || value.size !== 1)
					throw new ShapeError(
						`valueAndGrad: the function returned ${value}; expected a tensor of one element (a loss)`,
					);
				const seed = filled(value.shape, 1, value.device);
				return {
					value,
					gradient: likeTree(parameters, leaves, gradientsOf(tape, leaves, new Map([[value.id, seed]]))),
				};
			} finally {
				tape.dispose();
			}
		});
	};
}

/** As `valueAndGrad`, but returns the gradient alone. */
export function grad<P extends TensorTree, Rest extends unknown[]>(
	fn: (parameters: P, ...rest: Rest) => Tensor,
): (parameters: P, ...rest: Rest) => P {
	const both = valueAndGrad(fn);
	return (parameters, ...rest) => scope(() => both(parameters, ...rest).gradient);
}

/**
 * Vector–Jacobian product: runs `fn` and returns its output with a function that pulls a gradient of the output back to
 * the inputs. Call `pullback` once, or `dispose` if it is not needed.
 *
 * @param fn a function of tensors that returns one tensor
 * @param inputs float32 tensors
 * @example
 * const { output, pullback } = vjp((x) => exp(x), x);
 * const [dx] = pullback(ones(output.shape));
 */
export function vjp(
	fn: (...inputs: Tensor[]) => Tensor,
	...inputs: Tensor[]
): { output: Tensor; pullback: (gradient: Tensor) => Tensor[]; dispose: () => void } {
	checkNotNested("vjp");
	checkParameters("vjp", inputs);
	const tape = startTape(inputs);
	let output: Tensor;
	try {
		output = scope(() => withTape(tape, () => fn(...inputs)));
	} catch (error) {
		tape.dispose();
		throw error;
	}
	let used = false;
	const pullback = (gradient: Tensor): Tensor[] => {
		if (used) throw new OptionError("vjp: pullback was called a second time; run vjp again");
		if (!sameShape(gradient.shape, output.shape))
			throw new ShapeError(
				`vjp: the gradient has shape ${formatShape(gradient.shape)}; the output has ${formatShape(output.shape)}`,
			);
		used = true;
		return scope(() => gradientsOf(tape, inputs, new Map([[output.id, gradient]])));
	};
	return { output, pullback, dispose: () => tape.dispose() };
}

import { activeTape } from "../autograd/tape.js";
import { DeviceError, OptionError, ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { add } from "./arithmetic.js";
import { matmul } from "./matmul.js";
import { checkChoice, checkOperands, checkOptions } from "./operands.js";
import { type Matrix, PackedMatrix } from "./packed-matrix.js";
import { reshape } from "./reshape.js";
import { gelu, relu, silu, tanh } from "./unary.js";

/** "gelu" is the exact one, with erf; "geluTanh" the approximation that checkpoints call gelu_new. */
export type LinearActivation = "none" | "gelu" | "geluTanh" | "relu" | "silu" | "tanh";

export interface LinearOptions {
	/** [outputs]. Default: none. */
	bias?: Tensor | undefined;
	/** Applied to the result. Default: "none". */
	activation?: LinearActivation | undefined;
}

const activations: Record<LinearActivation, (x: Tensor) => Tensor> = {
	none: (x) => x,
	gelu: (x) => gelu(x),
	geluTanh: (x) => gelu(x, { approximate: "tanh" }),
	relu,
	silu,
	tanh,
};

/**
 * activation(x · weightᵀ + bias), the linear layer of checkpoints: one kernel, which adds the bias and applies the activation while
 * sums are in the cache. Differentiable if the weight is a tensor; a packed one is for use only.
 *
 * @param x [..., inputs]
 * @param weight [outputs, inputs]
 * @returns [..., outputs]
 * @throws OptionError if a gradient through a packed weight would be needed
 */
export function linear(x: Tensor, weight: Matrix, options: LinearOptions = {}): Tensor {
	checkOptions("linear", options, { bias: true, activation: true });
	const { bias, activation = "none" } = options;
	checkChoice("linear", "activation", activation, Object.keys(activations));
	checkArguments(x, weight, bias);
	const inputs = [x, ...(weight instanceof PackedMatrix ? [] : [weight]), ...(bias ? [bias] : [])];
	if (!inputs.some((input) => activeTape()?.tracks(input))) return fused(x, weight, bias, activation);
	if (weight instanceof PackedMatrix)
		throw new OptionError(
			"linear: argument weight is packed for use, and a gradient through it is needed; load the model with trainable: true",
		);
	return scope(() => {
		const [outputs, size] = weight.shape as [number, number];
		const rows = reshape(x, [x.size / size, size]);
		const product = reshape(matmul(rows, weight, { transposeB: true }), [...x.shape.slice(0, -1), outputs]);
		return activations[activation](bias ? add(product, bias) : product);
	});
}

function fused(x: Tensor, weight: Matrix, bias: Tensor | undefined, activation: LinearActivation): Tensor {
	const [n, k] = weight.shape as [number, number];
	const out = emptyTensor(x.device, [...x.shape.slice(0, -1), n]);
	x.device.backend.linear({
		x: x.buffer,
		weight: weight.buffer,
		bias: bias?.buffer ?? null,
		out: out.buffer,
		m: out.size / n,
		n,
		k,
		activation: activation === "none" ? null : activation,
	});
	return out;
}

function checkArguments(x: Tensor, weight: Matrix, bias: Tensor | undefined): void {
	const packed = weight instanceof PackedMatrix;
	const device = checkOperands("linear", { x, ...(packed ? {} : { weight }), ...(bias ? { bias } : {}) });
	if (packed && weight.device !== device)
		throw new DeviceError(
			`linear: argument weight is on device "${weight.device.description}", the others on "${device.description}"`,
		);
	const { shape } = weight;
	if (shape.length !== 2 || shape.some((size) => size === 0))
		throw new ShapeError(
			`linear: argument weight has shape ${formatShape(shape)}; expected [outputs, inputs], at least 1 each`,
		);
	const [outputs, inputs] = shape as [number, number];
	if (x.shape.at(-1) !== inputs)
		throw new ShapeError(
			`linear: argument x has shape ${formatShape(x.shape)}; expected [..., ${inputs}] for a weight ${formatShape(shape)}`,
		);
	if (bias && (bias.rank !== 1 || bias.size !== outputs))
		throw new ShapeError(`linear: argument bias has shape ${formatShape(bias.shape)}; expected [${outputs}]`);
}

import { record } from "../autograd/tape.js";
import type { UnaryOperation } from "../backends/backend.js";
import { emptyTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkNumber, checkOperands } from "./operands.js";

function unary(name: string, operation: UnaryOperation, x: Tensor, parameter = 0): Tensor {
	const { backend } = checkOperands(name, { x });
	const out = emptyTensor(x.device, x.shape);
	backend.unary(operation, x.buffer, out.buffer, parameter);
	record([x], [out], {
		// Linear operations do not look at x again.
		save: operation === "negate" || operation === "scale" || operation === "shift" ? [] : [x],
		backward: ([input], [dy]) => {
			if (!dy || operation === "shift") return [dy as Tensor | null];
			const dx = emptyTensor(dy.device, dy.shape);
			if (operation === "negate" || operation === "scale") backend.unary(operation, dy.buffer, dx.buffer, parameter);
			else backend.unaryGradient(operation, (input as Tensor).buffer, dy.buffer, dx.buffer, parameter);
			return [dx];
		},
	});
	return out;
}

/** -x */
export const neg = (x: Tensor): Tensor => unary("neg", "negate", x);
/** e to the x */
export const exp = (x: Tensor): Tensor => unary("exp", "exp", x);
/** Natural logarithm. */
export const log = (x: Tensor): Tensor => unary("log", "log", x);
/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => unary("tanh", "tanh", x);
/** 1 / (1 + exp(-x)) */
export const sigmoid = (x: Tensor): Tensor => unary("sigmoid", "sigmoid", x);
/** max(x, 0) */
export const relu = (x: Tensor): Tensor => unary("relu", "relu", x);
/** x * sigmoid(x) */
export const silu = (x: Tensor): Tensor => unary("silu", "silu", x);
/** log(1 + exp(x)) */
export const softplus = (x: Tensor): Tensor => unary("softplus", "softplus", x);
/** x where positive, exp(x) - 1 elsewhere */
export const elu = (x: Tensor): Tensor => unary("elu", "elu", x);
/** elu(x) + 1, the feature map of the Linear Transformer (Katharopoulos et al. 2020, arXiv 2006.16236, eq. 7) */
export const eluPlusOne = (x: Tensor): Tensor => unary("eluPlusOne", "eluPlusOne", x);
/** Sine of an angle in radians. */
export const sin = (x: Tensor): Tensor => unary("sin", "sin", x);
/** Cosine of an angle in radians. */
export const cos = (x: Tensor): Tensor => unary("cos", "cos", x);
/** Square root. */
export const sqrt = (x: Tensor): Tensor => unary("sqrt", "sqrt", x);

/**
 * Gaussian error linear unit (Hendrycks & Gimpel 2016, arXiv 1606.08415).
 *
 * @param approximate "none" (default): x * Phi(x) with erf; "tanh": the tanh approximation of the paper
 */
export function gelu(x: Tensor, { approximate = "none" }: { approximate?: "none" | "tanh" } = {}): Tensor {
	return unary("gelu", approximate === "tanh" ? "geluTanh" : "gelu", x);
}

/** x to a constant power. */
export function power(x: Tensor, exponent: number): Tensor {
	checkNumber("pow", "exponent", exponent);
	return unary("pow", "power", x, exponent);
}
export { power as pow };

/** @internal x * factor, under the name of the operation the user called. */
export function scaleBy(name: string, x: Tensor, factor: number): Tensor {
	checkNumber(name, "the number", factor);
	return unary(name, "scale", x, factor);
}

/** @internal x + offset, under the name of the operation the user called. */
export function shiftBy(name: string, x: Tensor, offset: number): Tensor {
	checkNumber(name, "the number", offset);
	return unary(name, "shift", x, offset);
}

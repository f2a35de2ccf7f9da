import type { UnaryOperation } from "../backend.js";
import { erfc } from "./error-function.js";

/** A function of one number (and a parameter few of them use) with its derivative. */
export interface UnaryFunction {
	value(x: number, parameter: number): number;
	derivative(x: number, parameter: number): number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Distribution and density of the standard normal. */
const normalDistribution = (x: number): number => 0.5 * erfc(-x * Math.SQRT1_2);
const normalDensity = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** geluTanh(x) = 0.5 x (1 + tanh(c (x + 0.044715 x³))) with c = sqrt(2/pi), and 0.5 (1 + tanh u) = sigmoid(2u). */
const geluScale = Math.sqrt(2 / Math.PI);
const geluGate = (x: number): number => sigmoid(2 * geluScale * (x + 0.044715 * x ** 3));
const geluGateSlope = (x: number): number => 2 * geluScale * (1 + 3 * 0.044715 * x * x);

/** The definition of every unary operation. Where a derivative jumps (relu, elu at 0) it is the one from the left. */
export const unaryFunctions: Readonly<Record<UnaryOperation, UnaryFunction>> = {
	negate: { value: (x) => -x, derivative: () => -1 },
	exp: { value: Math.exp, derivative: Math.exp },
	log: { value: Math.log, derivative: (x) => 1 / x },
	tanh: { value: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 },
	sigmoid: { value: sigmoid, derivative: (x) => sigmoid(x) * sigmoid(-x) },
	relu: { value: (x) => Math.max(x, 0), derivative: (x) => (x > 0 ? 1 : 0) },
	gelu: {
		value: (x) => x * normalDistribution(x),
		derivative: (x) => normalDistribution(x) + x * normalDensity(x),
	},
	geluTanh: {
		value: (x) => x * geluGate(x),
		derivative: (x) => geluGate(x) * (1 + x * (1 - geluGate(x)) * geluGateSlope(x)),
	},
	silu: {
		value: (x) => x * sigmoid(x),
		derivative: (x) => sigmoid(x) * (1 + x * sigmoid(-x)),
	},
	softplus: {
		value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
		derivative: sigmoid,
	},
	elu: {
		value: (x) => (x > 0 ? x : Math.expm1(x)),
		derivative: (x) => (x > 0 ? 1 : Math.exp(x)),
	},
	eluPlusOne: {
		value: (x) => (x > 0 ? x + 1 : Math.exp(x)),
		derivative: (x) => (x > 0 ? 1 : Math.exp(x)),
	},
	sqrt: { value: Math.sqrt, derivative: (x) => 0.5 / Math.sqrt(x) },
	sin: { value: Math.sin, derivative: Math.cos },
	cos: { value: Math.cos, derivative: (x) => -Math.sin(x) },
	power: {
		value: (x, exponent) => x ** exponent,
		// x^0 is constant, also at 0, where the rule would multiply 0 by infinity.
		derivative: (x, exponent) => (exponent === 0 ? 0 : exponent * x ** (exponent - 1)),
	},
	scale: { value: (x, factor) => x * factor, derivative: (_, factor) => factor },
	shift: { value: (x, offset) => x + offset, derivative: () => 1 },
};

import type { UnaryOperation } from "../backend.js";
import { SlopeCode, UnaryCode } from "./kernels/elementwise/unary-code.js";

/** A function of x the kernels know, with its parameter. */
export interface UnaryFunction {
	readonly code: UnaryCode;
	readonly parameter: number;
}

/** factor * f(x), with an exponent if f is a power of its own kind. */
export interface UnarySlope {
	readonly code: SlopeCode;
	readonly factor: number;
	readonly exponent: number;
}

type Plain = Exclude<UnaryOperation, "negate" | "power">;

const codes: Readonly<Record<Plain, UnaryCode>> = {
	exp: UnaryCode.exp,
	log: UnaryCode.log,
	tanh: UnaryCode.tanh,
	sigmoid: UnaryCode.sigmoid,
	relu: UnaryCode.relu,
	gelu: UnaryCode.gelu,
	geluTanh: UnaryCode.geluTanh,
	silu: UnaryCode.silu,
	softplus: UnaryCode.softplus,
	elu: UnaryCode.elu,
	eluPlusOne: UnaryCode.eluPlusOne,
	sqrt: UnaryCode.squareRoot,
	sin: UnaryCode.sine,
	cos: UnaryCode.cosine,
	scale: UnaryCode.scale,
	shift: UnaryCode.shift,
};

/** Derivatives whose factor is 1. */
const slopeCodes: Readonly<Record<Exclude<Plain, "scale" | "sqrt" | "cos">, SlopeCode>> = {
	exp: SlopeCode.exp,
	log: SlopeCode.reciprocal,
	tanh: SlopeCode.tanhSlope,
	sigmoid: SlopeCode.sigmoidSlope,
	relu: SlopeCode.step,
	gelu: SlopeCode.geluSlope,
	geluTanh: SlopeCode.geluTanhSlope,
	silu: SlopeCode.siluSlope,
	softplus: SlopeCode.sigmoid,
	elu: SlopeCode.eluSlope,
	eluPlusOne: SlopeCode.eluSlope,
	sin: SlopeCode.cosine,
	shift: SlopeCode.one,
};

/** Exponents with loops of their own. */
const powers = new Map<number, { readonly code: UnaryCode; readonly slope: SlopeCode }>([
	[1, { code: UnaryCode.identity, slope: SlopeCode.identity }],
	[2, { code: UnaryCode.square, slope: SlopeCode.square }],
	[3, { code: UnaryCode.cube, slope: SlopeCode.cube }],
	[-1, { code: UnaryCode.reciprocal, slope: SlopeCode.reciprocal }],
	[0.5, { code: UnaryCode.halfPower, slope: SlopeCode.halfPower }],
	[-0.5, { code: UnaryCode.minusHalfPower, slope: SlopeCode.minusHalfPower }],
]);

/** The operation itself; null for the constant 1. */
export function functionOf(operation: UnaryOperation, parameter: number): UnaryFunction | null {
	if (operation === "negate") return { code: UnaryCode.scale, parameter: -1 };
	if (operation !== "power") return { code: codes[operation], parameter };
	if (parameter === 0) return null;
	return { code: powers.get(parameter)?.code ?? UnaryCode.power, parameter };
}

const constant = (factor: number): UnarySlope => ({ code: SlopeCode.one, factor, exponent: 0 });

/** The derivative of the operation; null for 0. */
export function derivativeOf(operation: UnaryOperation, parameter: number): UnarySlope | null {
	if (operation === "negate") return constant(-1);
	if (operation === "scale") return constant(parameter);
	if (operation === "cos") return { code: SlopeCode.sine, factor: -1, exponent: 0 };
	if (operation === "sqrt") return { code: SlopeCode.minusHalfPower, factor: 0.5, exponent: -0.5 };
	if (operation !== "power") return { code: slopeCodes[operation], factor: 1, exponent: 0 };
	// x^0 has the derivative 0 also at 0, where 0 x^-1 would not be a number.
	if (parameter === 0) return null;
	if (parameter === 1) return constant(1);
	const exponent = parameter - 1;
	return { code: powers.get(exponent)?.slope ?? SlopeCode.power, factor: parameter, exponent };
}

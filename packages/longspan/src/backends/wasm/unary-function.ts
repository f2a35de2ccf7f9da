import type { UnaryOperation } from "../backend.js";
import { UnaryCode } from "./kernels/unary-code.js";

/** A function of x the kernels know: factor * f(x), with a parameter if f has one. */
export interface UnaryFunction {
	readonly code: UnaryCode;
	readonly factor: number;
	readonly parameter: number;
}

const plainCodes: Readonly<Partial<Record<UnaryOperation, UnaryCode>>> = {
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
	scale: UnaryCode.scale,
	shift: UnaryCode.shift,
};

const slopeCodes: Readonly<Partial<Record<UnaryOperation, UnaryCode>>> = {
	exp: UnaryCode.exp,
	log: UnaryCode.reciprocal,
	tanh: UnaryCode.tanhSlope,
	sigmoid: UnaryCode.sigmoidSlope,
	relu: UnaryCode.step,
	gelu: UnaryCode.geluSlope,
	geluTanh: UnaryCode.geluTanhSlope,
	silu: UnaryCode.siluSlope,
	softplus: UnaryCode.sigmoid,
	elu: UnaryCode.eluSlope,
	eluPlusOne: UnaryCode.eluSlope,
};

const powerCodes: ReadonlyMap<number, UnaryCode> = new Map([
	[1, UnaryCode.identity],
	[2, UnaryCode.square],
	[3, UnaryCode.cube],
	[-1, UnaryCode.reciprocal],
	[0.5, UnaryCode.halfPower],
	[-0.5, UnaryCode.minusHalfPower],
]);

/** factor * x ^ exponent; null where it does not depend on x. */
function power(exponent: number, factor: number): UnaryFunction | null {
	if (exponent === 0) return null;
	return { code: powerCodes.get(exponent) ?? UnaryCode.power, factor, parameter: exponent };
}

/** The operation itself; null for the constant 1. */
export function functionOf(operation: UnaryOperation, parameter: number): UnaryFunction | null {
	if (operation === "power") return power(parameter, 1);
	if (operation === "negate") return { code: UnaryCode.scale, factor: 1, parameter: -1 };
	return { code: plainCodes[operation] as UnaryCode, factor: 1, parameter };
}

/** The derivative of the operation: factor * f(x), or the constant `factor` where the code is `UnaryCode.scale`. */
export function derivativeOf(operation: UnaryOperation, parameter: number): UnaryFunction {
	const constant = (factor: number): UnaryFunction => ({ code: UnaryCode.scale, factor, parameter: 0 });
	switch (operation) {
		case "negate":
			return constant(-1);
		case "scale":
			return constant(parameter);
		case "shift":
			return constant(1);
		case "sqrt":
			return { code: UnaryCode.minusHalfPower, factor: 0.5, parameter: 0 };
		case "power":
			// x^0 has the derivative 0 also at 0, where 0 x^-1 would not be a number.
			if (parameter === 0) return constant(0);
			return power(parameter - 1, parameter) ?? constant(parameter);
		default:
			return { code: slopeCodes[operation] as UnaryCode, factor: 1, parameter: 0 };
	}
}

import { add, div, mul, sub } from "../ops/arithmetic.js";
import { checkFlag, checkFunction, checkNumber, checkOptions, checkShare } from "../ops/operands.js";
import { mean } from "../ops/reduce.js";
import { reshape } from "../ops/reshape.js";
import { relu, sqrt } from "../ops/unary.js";
import { scope } from "../tensor/scope.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkPair } from "./check-pair.js";
import { type DecayedWeights, isMatrix } from "./decay.js";
import { createOptimizer, type Optimizer, type Slots } from "./optimizer.js";

export interface AdafactorOptions extends DecayedWeights {
	/** Default: the paper's relative step size, min(0.01, 1 / sqrt(step)). */
	learningRate?: number;
	/** Multiplies the learning rate by the root mean square of the parameter, of at least `epsilons[1]`. Default: true. */
	scaleByParameter?: boolean;
	/** Added to squared gradients; least scale of a parameter. Default: 1e-30 and 1e-3. */
	epsilons?: readonly [number, number];
	/** Largest root mean square of an update before the learning rate; larger ones are scaled down. Default: 1. */
	clipThreshold?: number;
	/** The running means of squares decay at 1 - step^-decayExponent. Default: 0.8. */
	decayExponent?: number;
	/** Decay rate of a running mean of the updates; needs memory of the size of the parameters. Default: 0, none. */
	momentum?: number;
	/** Pull of the weights towards 0, times the learning rate before the parameter's scale. Default: 0. */
	weightDecay?: number;
}

/**
 * Adafactor (Shazeer & Stern 2018, arXiv 1804.04235, algorithms 4 to 6). Squared gradients of a parameter [..., n, m] are kept
 * as their means over rows, "rows" [..., n], and over columns, "columns" [..., m]; those of a vector whole, as "square". With
 * momentum, the running mean of the updates is kept as "mean".
 *
 * @throws OptionError for options outside their range
 */
export function adafactor(options: AdafactorOptions = {}): Optimizer {
	checkOptions("adafactor", options, {
		learningRate: true,
		scaleByParameter: true,
		epsilons: true,
		clipThreshold: true,
		decayExponent: true,
		momentum: true,
		weightDecay: true,
		decays: true,
	});
	const {
		learningRate,
		scaleByParameter = true,
		epsilons = [1e-30, 1e-3],
		clipThreshold = 1,
		decayExponent = 0.8,
		momentum = 0,
		weightDecay = 0,
		decays = isMatrix,
	} = options;
	if (learningRate !== undefined) checkNumber("adafactor", "learningRate", learningRate, { min: 0 });
	checkFlag("adafactor", "scaleByParameter", scaleByParameter);
	checkPair("adafactor", "epsilons", epsilons);
	for (const epsilon of epsilons) checkNumber("adafactor", "epsilons", epsilon, { min: 0 });
	checkNumber("adafactor", "clipThreshold", clipThreshold, { min: Number.MIN_VALUE });
	checkNumber("adafactor", "decayExponent", decayExponent, { min: 0 });
	checkShare("adafactor", "momentum", momentum);
	checkNumber("adafactor", "weightDecay", weightDecay, { min: 0 });
	checkFunction("adafactor", "decays", decays);
	const [epsilon1, epsilon2] = epsilons;
	return createOptimizer({
		name: "adafactor",
		learningRateAt: (step) => learningRate ?? Math.min(0.01, 1 / Math.sqrt(step)),
		slotShapes: (shape) => ({ ...secondMomentShapes(shape), ...(momentum > 0 && { mean: shape }) }),
		update(weight, gradient, slots, { step, learningRate: rate, name }) {
			const beta2 = 1 - step ** -decayExponent;
			const moments = scope(() => secondMoments(add(mul(gradient, gradient), epsilon1), slots, beta2));
			const direction = scope(() => {
				const raw = normalized(gradient, moments);
				// max(1, rms / threshold), NaN if the gradient is.
				return div(raw, atLeast(mul(rootMeanSquare(raw), 1 / clipThreshold), 1));
			});
			const change = scope(() => {
				const scaled = mul(direction, rate);
				return scaleByParameter ? mul(scaled, atLeast(rootMeanSquare(weight), epsilon2)) : scaled;
			});
			const taken = momentum > 0 ? add(mul(slots.mean as Tensor, momentum), mul(change, 1 - momentum)) : change;
			const decayed = weightDecay > 0 && decays(name, weight.shape) ? mul(weight, 1 - rate * weightDecay) : weight;
			return { weight: sub(decayed, taken), slots: { ...moments, ...(momentum > 0 && { mean: taken }) } };
		},
	});
}

function secondMomentShapes(shape: Shape): Readonly<Record<string, Shape>> {
	if (shape.length < 2) return { square: shape };
	return { rows: shape.slice(0, -1), columns: [...shape.slice(0, -2), ...shape.slice(-1)] };
}

/** The running means, moved towards those of the squares. Means where the paper has sums: the sizes cancel in the quotient. */
function secondMoments(squares: Tensor, slots: Slots, beta2: number): Slots {
	const moved = (before: Tensor | undefined, now: Tensor): Tensor =>
		add(mul(before as Tensor, beta2), mul(now, 1 - beta2));
	if (squares.rank < 2) return { square: moved(slots.square, squares) };
	return {
		rows: moved(slots.rows, mean(squares, { axes: -1 })),
		columns: moved(slots.columns, mean(squares, { axes: -2 })),
	};
}

/**
 * gradient / sqrt(v), where v of a matrix is rows × columns / mean(rows). Divided one after the other: the product of two means near
 * `epsilon1` is no float32.
 */
function normalized(gradient: Tensor, { rows, columns, square }: Slots): Tensor {
	if (!rows || !columns) return div(gradient, sqrt(square as Tensor));
	const relative = div(rows, mean(rows, { axes: -1, keepDims: true }));
	const byRow = div(gradient, sqrt(reshape(relative, [...relative.shape, 1])));
	return div(byRow, sqrt(reshape(columns, [...columns.shape.slice(0, -1), 1, ...columns.shape.slice(-1)])));
}

/** A scalar. */
function rootMeanSquare(x: Tensor): Tensor {
	return scope(() => sqrt(mean(mul(x, x))));
}

/** max(x, least) */
function atLeast(x: Tensor, least: number): Tensor {
	return add(relu(sub(x, least)), least);
}

import { add, div, mul, sub } from "../ops/arithmetic.js";
import { checkFunction, checkNumber, checkOptions, checkShare } from "../ops/operands.js";
import { sqrt } from "../ops/unary.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkPair } from "./check-pair.js";
import { type DecayedWeights, isMatrix } from "./decay.js";
import { createOptimizer, type Optimizer } from "./optimizer.js";

export interface AdamWOptions extends DecayedWeights {
	/** Default: 1e-3. */
	learningRate?: number;
	/** Decay rates of the running means of the gradient and of its square. Default: 0.9 and 0.95. */
	betas?: readonly [number, number];
	/** Default: 1e-8. */
	epsilon?: number;
	/** Pull of the weights towards 0, times the learning rate. Default: 0.01. */
	weightDecay?: number;
}

/**
 * AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2). Keeps "mean" and "square", each
 * of the parameter's shape.
 *
 * @throws OptionError for options outside their range
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
	checkOptions("adamW", options, {
		learningRate: true,
		betas: true,
		epsilon: true,
		weightDecay: true,
		decays: true,
	});
	const { learningRate = 1e-3, betas = [0.9, 0.95], epsilon = 1e-8, weightDecay = 0.01, decays = isMatrix } = options;
	checkNumber("adamW", "learningRate", learningRate, { min: 0 });
	checkPair("adamW", "betas", betas);
	for (const beta of betas) checkShare("adamW", "betas", beta);
	checkNumber("adamW", "epsilon", epsilon, { min: 0 });
	checkNumber("adamW", "weightDecay", weightDecay, { min: 0 });
	checkFunction("adamW", "decays", decays);
	const [beta1, beta2] = betas;
	return createOptimizer({
		name: "adamW",
		learningRateAt: () => learningRate,
		slotShapes: (shape) => ({ mean: shape, square: shape }),
		update(weight, gradient, slots, { step, learningRate: rate, name }) {
			const before = slots as { mean: Tensor; square: Tensor };
			const mean = scope(() => add(mul(before.mean, beta1), mul(gradient, 1 - beta1)));
			const square = scope(() => add(mul(before.square, beta2), mul(mul(gradient, gradient), 1 - beta2)));
			const direction = scope(() => {
				const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
				return div(mul(mean, 1 / correction1), add(sqrt(mul(square, 1 / correction2)), epsilon));
			});
			const decayed = weightDecay > 0 && decays(name, weight.shape) ? mul(weight, 1 - rate * weightDecay) : weight;
			return { weight: sub(decayed, mul(direction, rate)), slots: { mean, square } };
		},
	});
}

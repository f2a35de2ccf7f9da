import { OptionError } from "../errors.js";
import { add, div, mul, sub } from "../ops/arithmetic.js";
import { checkNumber } from "../ops/operands.js";
import { sum } from "../ops/reduce.js";
import { relu, sqrt } from "../ops/unary.js";
import { zerosLike } from "../tensor/create.js";
import { keep, scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { mapTree, type TensorTree, treeTensors } from "../tensor/tree.js";

export interface AdamWOptions {
	learningRate: number;
	/** Decay rates of the running means of the gradient and of its square. Default: 0.9 and 0.95. */
	betas?: readonly [number, number];
	/** Default: 1e-8. */
	epsilon?: number;
	/** Pull of the weights towards 0, on tensors of two and more axes. Default: 0.01. */
	weightDecay?: number;
	/** Largest norm of the whole gradient; longer ones are scaled down. Default: no limit. */
	clipNorm?: number;
}

export interface Optimizer {
	/** Number of steps taken. */
	readonly steps: number;
	/** Parameters after one step. Frees the ones given and the gradient. */
	step<P extends TensorTree>(parameters: P, gradient: P, learningRate?: number): P;
	/** Frees the running means. */
	dispose(): void;
}

/** Factor that scales a gradient of norm above `limit` down to it: limit / max(norm, limit). */
function clipFactor(gradients: readonly Tensor[], limit: number): Tensor {
	const squares = gradients.map((gradient) => sum(mul(gradient, gradient))).reduce((a, b) => add(a, b));
	return div(limit, add(relu(sub(sqrt(squares), limit)), limit));
}

/** AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2). */
export function adamW({
	learningRate,
	betas = [0.9, 0.95],
	epsilon = 1e-8,
	weightDecay = 0.01,
	clipNorm,
}: AdamWOptions): Optimizer {
	checkNumber("adamW", "learningRate", learningRate, { min: 0 });
	for (const beta of betas) checkNumber("adamW", "betas", beta, { min: 0, max: 1 });
	checkNumber("adamW", "epsilon", epsilon, { min: 0 });
	checkNumber("adamW", "weightDecay", weightDecay, { min: 0 });
	if (clipNorm !== undefined) checkNumber("adamW", "clipNorm", clipNorm, { min: Number.MIN_VALUE });
	const [beta1, beta2] = betas;
	let means: Tensor[] | null = null;
	let squares: Tensor[] | null = null;
	let steps = 0;

	const replace = (old: Tensor[], updated: Tensor[]): Tensor[] => {
		for (const tensor of old) tensor.dispose();
		return keep(updated);
	};

	return {
		get steps() {
			return steps;
		},
		step(parameters, gradient, rate = learningRate) {
			const weights = treeTensors(parameters) as Tensor[];
			const gradients = treeTensors(gradient) as Tensor[];
			if (gradients.length !== weights.length)
				throw new OptionError(
					`adamW: gradient has ${gradients.length} tensors, parameters ${weights.length}; they must have the same form`,
				);
			means ??= keep(weights.map(zerosLike));
			squares ??= keep(weights.map(zerosLike));
			steps++;
			const [correction1, correction2] = [1 - beta1 ** steps, 1 - beta2 ** steps];
			const oldMeans = means;
			const oldSquares = squares;
			const updated = scope(() => {
				const factor = clipNorm === undefined ? null : clipFactor(gradients, clipNorm);
				const clipped = factor ? gradients.map((g) => mul(g, factor)) : gradients;
				const newMeans = clipped.map((g, index) => add(mul(oldMeans[index] as Tensor, beta1), mul(g, 1 - beta1)));
				const newSquares = clipped.map((g, index) =>
					add(mul(oldSquares[index] as Tensor, beta2), mul(mul(g, g), 1 - beta2)),
				);
				const newWeights = weights.map((weight, index) => {
					const direction = div(
						mul(newMeans[index] as Tensor, 1 / correction1),
						add(sqrt(mul(newSquares[index] as Tensor, 1 / correction2)), epsilon),
					);
					const decayed = weight.rank > 1 && weightDecay > 0 ? mul(weight, 1 - rate * weightDecay) : weight;
					return sub(decayed, mul(direction, rate));
				});
				return { newMeans, newSquares, newWeights };
			});
			means = replace(oldMeans, updated.newMeans);
			squares = replace(oldSquares, updated.newSquares);
			let index = 0;
			const next = mapTree(parameters, () => updated.newWeights[index++] as Tensor);
			for (const tensor of [...weights, ...gradients]) tensor.dispose();
			return keep(next);
		},
		dispose() {
			for (const tensor of [...(means ?? []), ...(squares ?? [])]) tensor.dispose();
			means = squares = null;
		},
	};
}

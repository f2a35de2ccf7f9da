import { foldIn } from "../nn/forward-options.js";
import { add, mul } from "../ops/arithmetic.js";
import { checkNumber } from "../ops/operands.js";
import type { RandomSource } from "../ops/random.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { type TensorTree, treeTensors } from "../tensor/tree.js";
import { replaceTensors } from "./named-tensors.js";

/** What a loss is told beside parameters and batch. */
export interface LossOptions {
	/** Source of random numbers, as for dropout: of its own for every step and part. */
	readonly random: RandomSource;
}

/** One part of an accumulated batch. */
export interface Part<B> {
	readonly batch: B;
	/** Its share in the mean. */
	readonly share: number;
	readonly random: RandomSource;
}

/** The batches of a step with shares in proportion to their weights, and a source of random numbers for each. */
export function partsOf<B>(batches: readonly B[], weight: (batch: B) => number, source: RandomSource): Part<B>[] {
	const weights = batches.map((batch) => weight(batch));
	for (const value of weights) checkNumber("trainer.step", "weight", value, { min: Number.MIN_VALUE });
	const total = weights.reduce((a, b) => a + b, 0);
	return batches.map((batch, index) => ({
		batch,
		share: (weights[index] as number) / total,
		random: foldIn(source, index) as RandomSource,
	}));
}

/**
 * Mean loss and gradient of the parts by their shares, one part after the other: no more than two gradients are alive at once.
 */
export function accumulatedGradient<P extends TensorTree, B>(
	lossAndGradient: (parameters: P, batch: B, options: LossOptions) => { value: Tensor; gradient: P },
	parameters: P,
	parts: readonly Part<B>[],
): { loss: Tensor; gradient: P } {
	return scope(() => {
		let total: { loss: Tensor; gradient: P } | null = null;
		for (const { batch, share, random } of parts) {
			const { value, gradient } = lossAndGradient(parameters, batch, { random });
			const loss = share === 1 ? value : mul(value, share);
			if (!total) {
				total = { loss, gradient: share === 1 ? gradient : replaceTensors(gradient, (own) => mul(own, share)) };
				continue;
			}
			const addends = treeTensors(gradient) as Tensor[];
			total = {
				loss: add(total.loss, loss),
				gradient: replaceTensors(total.gradient, (sum, place) => {
					const addend = addends[place] as Tensor;
					const next = add(sum, mul(addend, share));
					addend.dispose();
					return next;
				}),
			};
		}
		return total as { loss: Tensor; gradient: P };
	});
}

import { checkKeyMask } from "../../attention/sizes.js";
import { ShapeError } from "../../errors.js";
import { add, mul, sub } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkChoice, checkFlag, checkNumber, checkOperands, checkOptions } from "../../ops/operands.js";
import { sum } from "../../ops/reduce.js";
import { sigmoid } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { filled, intTensor, zeros, zerosLike } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Initializer } from "../initialize.js";
import { HaltingClock } from "./halting-clock.js";
import { repeat } from "./repeat.js";

export interface HaltingOptions {
	/**
	 * What the states x_t of a position make, by the weights w_t of its steps. "basic" (default, the paper's listing):
	 * S = w_t x_t + (1 - w_t) S, in which later steps shrink the share of earlier ones. "accumulated" (Graves 2016): S = S + w_t x_t.
	 */
	accumulation?: "basic" | "accumulated";
	/** 1 - epsilon: a position halts with the step that takes the sum of its probabilities above. From 0 to 1. Default: 0.99. */
	threshold?: number;
	/**
	 * What the others see of a position that has halted: "transformed" (default, the paper's listing), a state that goes on being
	 * transformed, or "frozen" (the paper's text), a copy of its last one.
	 */
	haltedState?: "transformed" | "frozen";
	/**
	 * Whether positions that have not halted halt with the last step, so that their weights sum to 1. Default: true for "accumulated",
	 * as Graves defines it; false for "basic", as in the paper's listing.
	 */
	forceRemainder?: boolean;
}

/** Options of one call. */
export interface AdaptiveComputationOptions extends HaltingOptions {
	/** Most steps a position takes. */
	maxSteps: number;
	/** int32 [batch, length]: padding, with 0, takes no step, and its result is 0. Default: all are tokens. */
	keyMask?: Tensor<"int32"> | undefined;
	/** Takes all steps even if every position has halted. That changes no result. Default: false. */
	everyStep?: boolean;
}

/** The halting unit: the probability to halt is sigmoid(x · weight + bias). */
// A type, not an interface: those are no trees of tensors to TypeScript.
export type HaltingParameters = {
	/** [dim, 1] */
	readonly weight: Tensor;
	/** [1] */
	readonly bias: Tensor;
};

export interface AdaptiveComputation {
	/** [batch, length, dim] */
	readonly hidden: Tensor;
	/** Mean over tokens of N + R: the number of steps, and the weight left for the last of them, which has a gradient. */
	readonly ponderCost: Tensor;
	/** N of every position, [batch, length] in row-major order. */
	readonly updates: Int32Array;
}

/** Draws the weight, and sets the bias to 1, so that training starts with few steps (tensor2tensor). */
export function haltingParameters(dim: number, draw: Initializer): HaltingParameters {
	return { weight: draw([dim, 1], 1 / Math.sqrt(dim)), bias: filled([1], 1) };
}

/** Checks options and fills in defaults. */
export function haltingSettings(name: string, options: HaltingOptions): Required<HaltingOptions> {
	const names = { accumulation: true, threshold: true, haltedState: true, forceRemainder: true } as const;
	checkOptions<HaltingOptions>(name, options, names, "halting");
	const {
		accumulation = "basic",
		threshold = 0.99,
		haltedState = "transformed",
		forceRemainder = accumulation === "accumulated",
	} = options;
	checkChoice(name, "accumulation", accumulation, ["basic", "accumulated"]);
	checkNumber(name, "threshold", threshold, { min: 0, max: 1 });
	checkChoice(name, "haltedState", haltedState, ["transformed", "frozen"]);
	checkFlag(name, "forceRemainder", forceRemainder);
	return { accumulation, threshold, haltedState, forceRemainder };
}

const name = "adaptiveComputationTime";

/** What one step hands to the next. */
type Carried = {
	/** x_t */
	readonly state: Tensor;
	/** S; there is none before the first step. */
	readonly mixture?: Tensor;
	/** h, the sum of the probabilities so far, [batch, length, 1]. */
	readonly probability: Tensor;
	/** R, [batch, length, 1]. */
	readonly remainder: Tensor;
};

/**
 * Adaptive computation time by position (Graves 2016, arXiv 1603.08983, section 2; Universal Transformer, Dehghani et al. 2018, arXiv
 * 1807.03819, appendix C): transforms states again and again, and gives each position a mixture of its states. A halting unit
 * gives a probability before every step; a position halts with the step that takes their sum above a threshold. The weight of that
 * step is the remainder R = 1 - h, those of the steps before are their probabilities. Steps end when all positions have halted.
 *
 * The host reads the probabilities, a number per position, in every step; that needs a device that can be read synchronously.
 *
 * @param x [batch, length, dim]
 * @param transform gives the state after step 1, 2, … of the one before
 * @throws OptionError, ShapeError
 */
export function adaptiveComputationTime(
	x: Tensor,
	{ weight, bias }: HaltingParameters,
	transform: (state: Tensor, step: number) => Tensor,
	{ maxSteps, keyMask, everyStep = false, ...options }: AdaptiveComputationOptions,
): AdaptiveComputation {
	const { accumulation, threshold, haltedState, forceRemainder } = haltingSettings(name, options);
	checkNumber(name, "maxSteps", maxSteps, { min: 1, integer: true });
	checkFlag(name, "everyStep", everyStep);
	const { device, batch, length } = checkSizes(x, weight, bias);
	if (keyMask) checkKeyMask(name, keyMask, { batch, keyLength: length });
	return scope(() => {
		const present = new Int32Array(batch * length).fill(1);
		keyMask?.dataSync().forEach((kept, at) => {
			if (!kept) present[at] = 0;
		});
		const tokens = present.reduce((count, token) => count + token, 0);
		const clock = new HaltingClock(present, threshold);
		const perPosition = [batch, length, 1];
		const none = zeros([], device);

		const advance = ({ state, mixture, probability, remainder }: Carried, step: number): Carried | null => {
			if (!everyStep && !clock.anyRuns) return null;
			const halting = sigmoid(add(matmul(state, weight), bias));
			const decision = clock.decide(halting.dataSync(), forceRemainder && step === maxSteps);
			const flags = (list: Int32Array) => intTensor(list, perPosition, device);
			const kept = where(flags(decision.still), halting, none);
			const rest = where(flags(decision.halts), sub(1, probability), none);
			const share = add(kept, rest);
			const transformed = transform(state, step);
			if (!sameShape(transformed.shape, x.shape))
				throw new ShapeError(
					`${name}: step ${step} has shape ${formatShape(transformed.shape)}; expected ${formatShape(x.shape)}, as before it`,
				);
			const part = mul(transformed, share);
			const before = mixture && accumulation === "basic" ? mul(mixture, sub(1, share)) : mixture;
			return {
				state: haltedState === "frozen" ? where(flags(decision.runs), transformed, state) : transformed,
				mixture: before ? add(before, part) : part,
				probability: add(probability, kept),
				remainder: add(remainder, rest),
			};
		};

		const start = { state: x, probability: zeros(perPosition, device), remainder: zeros(perPosition, device) };
		const { mixture, remainder } = repeat<Carried>(start, maxSteps, advance);
		const taken = clock.updates.reduce((total, updates) => total + updates, 0);
		return {
			hidden: mixture ?? zerosLike(x),
			ponderCost: mul(add(sum(remainder), taken), 1 / Math.max(tokens, 1)),
			updates: clock.updates,
		};
	});
}

function checkSizes(x: Tensor, weight: Tensor, bias: Tensor) {
	const device = checkOperands(name, { x, weight, bias });
	if (x.rank !== 3)
		throw new ShapeError(`${name}: argument x has shape ${formatShape(x.shape)}; expected [batch, length, dim]`);
	const [batch, length, dim] = x.shape as [number, number, number];
	for (const [parameter, { shape }, expected] of [
		["weight", weight, [dim, 1]],
		["bias", bias, [1]],
	] as const)
		if (!sameShape(shape, expected))
			throw new ShapeError(`${name}: ${parameter} has shape ${formatShape(shape)}; expected ${formatShape(expected)}`);
	return { device, batch, length };
}

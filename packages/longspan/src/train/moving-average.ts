import { add, mul, sub } from "../ops/arithmetic.js";
import { checkChoice, checkNumber, checkObject, checkOptions, checkShare } from "../ops/operands.js";
import { keep } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { mapTree, type TensorTree, treeTensors } from "../tensor/tree.js";
import { checkForm, checkState, leavesOf, type NamedTensors, ownView, replaceTensors } from "./named-tensors.js";

export interface MovingAverageOptions {
	/** Part of the average that a step keeps. Default: 0.999. */
	decay?: number;
	/**
	 * How the first steps count. "debiased" (default): the average of the weights after steps 1 to t, that of step i in proportion to
	 * decay^(t - i), as Adam corrects its means (Kingma & Ba 2015, arXiv 1412.6980, section 3). "ramped": step t keeps
	 * min(decay, (t - 1) / (t + 8)), which forgets the first steps sooner.
	 */
	start?: "debiased" | "ramped";
}

export interface MovingAverageState {
	/** Updates taken in. */
	readonly steps: number;
	/** The average by the parameters' names; empty before the first update. */
	readonly tensors: NamedTensors;
}

/** An average of weights over the steps of their training. */
export interface MovingAverage<P extends TensorTree> {
	readonly steps: number;
	/** The average, usable as weights until the next update; null before the first. */
	readonly parameters: P | null;
	/** Takes in the weights after a step, which stay the caller's. */
	update(parameters: P): void;
	/** Later updates do not change it; its tensors live until they are disposed. */
	state(): MovingAverageState;
	/** Goes on from a state, which stays the caller's. `parameters`: a tree of the form of the weights. */
	restore(state: MovingAverageState, parameters: P): void;
	/** Forgets the average and frees it. */
	dispose(): void;
}

/**
 * Exponential moving average of weights (Polyak & Juditsky 1992): average + (1 - decay) × (weights - average), with a decay that grows
 * to the one asked for, so that the initial weights have no share in it.
 *
 * @throws OptionError for options outside their range
 */
export function movingAverage<P extends TensorTree>(options: MovingAverageOptions = {}): MovingAverage<P> {
	checkOptions("movingAverage", options, { decay: true, start: true });
	const { decay = 0.999, start = "debiased" } = options;
	checkShare("movingAverage", "decay", decay);
	checkChoice("movingAverage", "start", start, ["debiased", "ramped"]);
	let steps = 0;
	let average: P | null = null;

	/** Share of the new weights; 1 at step 1. */
	const shareOf = (step: number): number =>
		start === "ramped" ? 1 - Math.min(decay, (step - 1) / (step + 8)) : (1 - decay) / (1 - decay ** step);
	const forget = (): void => {
		for (const tensor of treeTensors(average)) tensor.dispose();
		average = null;
	};

	return {
		get steps() {
			return steps;
		},
		get parameters() {
			return average;
		},
		update(parameters) {
			if (average) checkForm("movingAverage", "parameters", parameters, average);
			const weights = treeTensors(parameters) as Tensor[];
			const share = shareOf(steps + 1);
			average = average
				? keep(replaceTensors(average, (old, place) => add(old, mul(sub(weights[place] as Tensor, old), share))))
				: copyTree(parameters, ownView);
			steps++;
		},
		state() {
			const leaves = average ? leavesOf("movingAverage", average) : [];
			return { steps, tensors: Object.fromEntries(leaves.map(({ name, tensor }) => [name, ownView(tensor)])) };
		},
		restore(state, parameters) {
			checkObject("movingAverage", "state", state);
			checkNumber("movingAverage", "state.steps", state.steps, { min: 0, integer: true });
			const leaves = state.steps > 0 ? leavesOf("movingAverage", parameters) : [];
			checkState("movingAverage", state.tensors, new Map(leaves.map(({ name, tensor }) => [name, tensor.shape])));
			const names = new Map(leaves.map(({ name, tensor }) => [tensor.id, name]));
			forget();
			steps = state.steps;
			if (steps > 0)
				average = copyTree(parameters, ({ id }) => ownView(state.tensors[names.get(id) as string] as Tensor));
		},
		dispose() {
			forget();
			steps = 0;
		},
	};
}

/** A tree of the same form; a tensor with several places is copied once and keeps them. */
function copyTree<P>(tree: P, copy: (tensor: Tensor) => Tensor): P {
	const copies = new Map<number, Tensor>();
	return mapTree(tree, (tensor) => {
		const own = copies.get(tensor.id) ?? copy(tensor as Tensor);
		copies.set(tensor.id, own);
		return own;
	});
}

import type { RunningStateGradientArguments, RunningStateKernels } from "../backend.js";
import { floats } from "./buffers.js";
import {
	advance,
	decayAt,
	decayState,
	forEachStepBackwards,
	headInputs,
	headView,
	loadState,
	stateView,
	storeState,
} from "./recurrence.js";
import { addScaled, dot } from "./vectors.js";
import type { WorkCounter } from "./work-counter.js";

/** Causal attention as a recurrence, step by step as it is defined. */
export function runningStateKernels(work: WorkCounter): RunningStateKernels {
	/** `products` of two flops for every element of the state and every step. */
	function countSteps(
		args: RunningStateGradientArguments | Parameters<RunningStateKernels["runningState"]>[0],
		products: number,
	): void {
		const stateSize = args.headDim * (args.valueDim + (args.denominator ? 1 : 0));
		work.flops += 2 * products * args.batch * args.heads * args.length * stateSize;
	}

	return {
		runningState(args) {
			const { batch, heads, length, headDim, valueDim, epsilon } = args;
			const out = floats(args.out).fill(0);
			const denominators = args.denominator && floats(args.denominator);
			for (let head = 0; head < batch * heads; head++) {
				const inputs = headInputs(args, head);
				const state = loadState(args.initialState, head, inputs, denominators !== null);
				for (let t = 0; t < length; t++) {
					advance(state, inputs, t);
					const row = head * length + t;
					const denominator = state.normalizer ? dot(inputs.q, t * headDim, state.normalizer, 0, headDim) + epsilon : 1;
					if (denominators) denominators[row] = denominator;
					for (let i = 0; i < headDim; i++) {
						const factor = inputs.q[t * headDim + i]! / denominator;
						addScaled(out, row * valueDim, factor, state.sum, i * valueDim, valueDim);
					}
				}
				storeState(state, stateView(args.finalState, head, inputs));
			}
			countSteps(args, 2);
		},

		/**
		 * The recurrence of dS and dz backwards. With dNumerator = dOut / denominator and dDenominator = -dOut·out / denominator:
		 * dS_t = exp(logDecay_{t+1}) dS_{t+1} + q_t dNumerator_tᵀ, dz_t likewise + q_t dDenominator_t,
		 * dq_t = S_t dNumerator_t + dDenominator_t z_t, dk_t = dS_t v_t + dz_t, dv_t = dS_tᵀ k_t,
		 * dLogDecay_t = exp(logDecay_t) (dS_t·S_{t-1} + dz_t·z_{t-1}).
		 */
		runningStateGradient(args) {
			const { batch, heads, length, headDim, valueDim } = args;
			const normalized = args.denominator !== null;
			for (let head = 0; head < batch * heads; head++) {
				const inputs = headInputs(args, head);
				const { q, k, v } = inputs;
				const out = headView(floats(args.out), head, length * valueDim);
				const dOut = headView(floats(args.dOut), head, length * valueDim);
				const denominators = args.denominator && headView(floats(args.denominator), head, length);
				const dq = headView(floats(args.dq), head, length * headDim).fill(0);
				const dk = headView(floats(args.dk), head, length * headDim).fill(0);
				const dv = headView(floats(args.dv), head, length * valueDim).fill(0);
				const dLogDecay = args.dLogDecay && headView(floats(args.dLogDecay), head, length);
				const gradient = loadState(args.dFinalState, head, inputs, normalized);

				const initial = loadState(args.initialState, head, inputs, normalized);
				forEachStepBackwards(inputs, initial, (t, before, after) => {
					const keyRow = t * headDim;
					const valueRow = t * valueDim;
					const denominator = denominators ? denominators[t]! : 1;
					const dNumerator = dOut.slice(valueRow, valueRow + valueDim).map((value) => value / denominator);
					const dDenominator = -dot(dNumerator, 0, out, valueRow, valueDim);
					for (let i = 0; i < headDim; i++) {
						const stateRow = i * valueDim;
						addScaled(gradient.sum, stateRow, q[keyRow + i]!, dNumerator, 0, valueDim);
						dq[keyRow + i] = dot(after.sum, stateRow, dNumerator, 0, valueDim);
						dk[keyRow + i] = dot(gradient.sum, stateRow, v, valueRow, valueDim);
						addScaled(dv, valueRow, k[keyRow + i]!, gradient.sum, stateRow, valueDim);
					}
					if (gradient.normalizer && after.normalizer) {
						addScaled(gradient.normalizer, 0, dDenominator, q, keyRow, headDim);
						addScaled(dq, keyRow, dDenominator, after.normalizer, 0, headDim);
						addScaled(dk, keyRow, 1, gradient.normalizer, 0, headDim);
					}
					const decay = decayAt(inputs, t);
					decayState(gradient, decay);
					if (dLogDecay) {
						// dS is decayed already, which is the factor exp(logDecay_t).
						dLogDecay[t] = dot(gradient.sum, 0, before.sum, 0, headDim * valueDim);
						if (gradient.normalizer && before.normalizer) {
							dLogDecay[t]! += dot(gradient.normalizer, 0, before.normalizer, 0, headDim);
						}
					}
				});
				if (args.dInitialState) storeState(gradient, stateView(args.dInitialState, head, inputs));
			}
			// S twice, dq, dS, dk, dv, and dLogDecay where it is wanted.
			countSteps(args, args.dLogDecay ? 7 : 6);
		},
	};
}

import type { RunningStateArguments, StateBuffers } from "../backend.js";
import { floats } from "./buffers.js";
import { addScaled } from "./vectors.js";

/** The running state of one head. */
export interface State {
	/** S, [headDim, valueDim]. */
	readonly sum: Float64Array;
	/** z, [headDim], or null without a normaliser. */
	readonly normalizer: Float64Array | null;
}

/** Views of what one head reads. */
export interface HeadInputs {
	readonly length: number;
	readonly headDim: number;
	readonly valueDim: number;
	readonly q: Float64Array;
	readonly k: Float64Array;
	readonly v: Float64Array;
	readonly logDecay: Float64Array | null;
}

/** The part of `values` that belongs to one head, `size` elements each. */
export function headView(values: Float64Array, head: number, size: number): Float64Array {
	return values.subarray(head * size, (head + 1) * size);
}

export function headInputs(args: RunningStateArguments, head: number): HeadInputs {
	const { length, headDim, valueDim } = args;
	return {
		length,
		headDim,
		valueDim,
		q: headView(floats(args.q), head, length * headDim),
		k: headView(floats(args.k), head, length * headDim),
		v: headView(floats(args.v), head, length * valueDim),
		logDecay: args.logDecay && headView(floats(args.logDecay), head, length),
	};
}

/** The state of one head inside buffers for all heads; writing to it writes to them. */
export function stateView(buffers: StateBuffers, head: number, { headDim, valueDim }: HeadInputs): State {
	return {
		sum: headView(floats(buffers.sum), head, headDim * valueDim),
		normalizer: buffers.normalizer && headView(floats(buffers.normalizer), head, headDim),
	};
}

/** A fresh state equal to `buffers` for this head, zero if there are none. */
export function loadState(buffers: StateBuffers | null, head: number, inputs: HeadInputs, normalized: boolean): State {
	const state = {
		sum: new Float64Array(inputs.headDim * inputs.valueDim),
		normalizer: normalized ? new Float64Array(inputs.headDim) : null,
	};
	if (buffers) storeState(stateView(buffers, head, inputs), state);
	return state;
}

/** Copies `source` into `target`, which may have no normaliser. */
export function storeState(source: State, target: State): void {
	target.sum.set(source.sum);
	if (source.normalizer) target.normalizer?.set(source.normalizer);
}

export function decayAt({ logDecay }: HeadInputs, t: number): number {
	return logDecay ? Math.exp(logDecay[t]!) : 1;
}

/** Multiplies a state by a decay. A decay of 0 forgets everything, whatever was there. */
export function decayState(state: State, decay: number): void {
	if (decay === 1) return;
	for (const values of [state.sum, state.normalizer]) {
		if (decay === 0) values?.fill(0);
		else
			values?.forEach((value, i) => {
				values[i] = decay * value;
			});
	}
}

/** One step of the recurrence in place: S = decay S + k vᵀ, z = decay z + k. */
export function advance(state: State, inputs: HeadInputs, t: number): void {
	const { headDim, valueDim, k, v } = inputs;
	decayState(state, decayAt(inputs, t));
	for (let i = 0; i < headDim; i++) {
		addScaled(state.sum, i * valueDim, k[t * headDim + i]!, v, t * valueDim, valueDim);
	}
	if (state.normalizer) addScaled(state.normalizer, 0, 1, k, t * headDim, headDim);
}

/**
 * Visits the steps from the last to the first with the states before and after each. States are recomputed from one kept
 * every sqrt(length) steps, so that memory grows with the root of the length.
 */
export function forEachStepBackwards(
	inputs: HeadInputs,
	initial: State,
	visit: (t: number, before: State, after: State) => void,
): void {
	const stride = Math.ceil(Math.sqrt(inputs.length));
	const kept: State[] = [];
	const state = copyState(initial);
	for (let t = 0; t < inputs.length; t++) {
		if (t % stride === 0) kept.push(copyState(state));
		advance(state, inputs, t);
	}
	for (let segment = kept.length - 1; segment >= 0; segment--) {
		const start = segment * stride;
		const states = [kept[segment]!];
		for (let t = start; t < Math.min(start + stride, inputs.length); t++) {
			const next = copyState(states.at(-1)!);
			advance(next, inputs, t);
			states.push(next);
		}
		for (let i = states.length - 2; i >= 0; i--) visit(start + i, states[i]!, states[i + 1]!);
	}
}

function copyState(state: State): State {
	return { sum: state.sum.slice(), normalizer: state.normalizer?.slice() ?? null };
}

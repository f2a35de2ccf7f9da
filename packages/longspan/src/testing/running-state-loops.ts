import { uniforms } from "./random-values.js";

/** Inputs of a running state, and gradients that flow into it, of one or more heads. Read as float64. */
export interface RunningStateProblem {
	readonly heads: number;
	readonly length: number;
	readonly headDim: number;
	readonly valueDim: number;
	readonly normalized: boolean;
	readonly epsilon: number;
	readonly q: Float32Array;
	readonly k: Float32Array;
	readonly v: Float32Array;
	readonly logDecay: Float32Array | null;
	readonly initialSum: Float32Array | null;
	readonly initialNormalizer: Float32Array | null;
	readonly dOut: Float32Array;
	readonly dFinalSum: Float32Array | null;
	readonly dFinalNormalizer: Float32Array | null;
}

export interface ProblemOptions {
	readonly heads?: number;
	readonly length: number;
	readonly headDim: number;
	readonly valueDim: number;
	readonly normalized?: boolean;
	/** Log decays are between minus this and 0; left out, there is no decay. */
	readonly decay?: number;
	/** Whether there are an initial state and a gradient of the final one. */
	readonly states?: boolean;
}

/** Positive features, as a normaliser wants them. */
export function randomProblem(options: ProblemOptions): RunningStateProblem {
	const { heads = 1, length, headDim, valueDim, normalized = false, decay, states = false } = options;
	const rows = heads * length;
	const random = (count: number, seed: number, low: number, high: number) =>
		Float32Array.from(uniforms(count, seed, low, high));
	const ifStates = (values: Float32Array) => (states ? values : null);
	const ifNormalized = (values: Float32Array | null) => (normalized ? values : null);
	return {
		...{ heads, length, headDim, valueDim, normalized, epsilon: 1e-3 },
		q: random(rows * headDim, 1, 0, 1),
		k: random(rows * headDim, 2, 0, 1),
		v: random(rows * valueDim, 3, -0.7, 1),
		logDecay: decay === undefined ? null : random(rows, 4, -decay, 0),
		initialSum: ifStates(random(heads * headDim * valueDim, 5, -2, 5)),
		initialNormalizer: ifNormalized(ifStates(random(heads * headDim, 6, 1, 5))),
		dOut: random(rows * valueDim, 7, -1, 1),
		dFinalSum: ifStates(random(heads * headDim * valueDim, 8, -1, 1)),
		dFinalNormalizer: ifNormalized(ifStates(random(heads * headDim, 9, -1, 1))),
	};
}

/** What the recurrence gives; without a normaliser the denominator is 1 and the final normaliser has no meaning. */
export interface LoopOutputs {
	readonly out: Float64Array;
	readonly denominator: Float64Array;
	readonly finalSum: Float64Array;
	readonly finalNormalizer: Float64Array;
	/** Of one head: state before each step and after the last, the normaliser as one more column. */
	readonly states: readonly Float64Array[];
}

/** The definition, step by step in float64. With `keepStates` only for one head. */
export function forwardLoop(problem: RunningStateProblem, keepStates = false): LoopOutputs {
	const { heads, length, headDim, valueDim, normalized, q, k, v, logDecay, epsilon } = problem;
	const columns = valueDim + 1;
	const out = new Float64Array(heads * length * valueDim);
	const denominator = new Float64Array(heads * length).fill(1);
	const finalSum = new Float64Array(heads * headDim * valueDim);
	const finalNormalizer = new Float64Array(heads * headDim);
	const states: Float64Array[] = [];
	const sums = new Float64Array(columns);
	for (let head = 0; head < heads; head++) {
		let state = startOf(problem, head);
		if (keepStates) states.push(state.slice());
		for (let t = head * length; t < (head + 1) * length; t++) {
			const decay = logDecay ? Math.exp(at(logDecay, t)) : 1;
			sums.fill(0);
			if (keepStates) state = state.slice();
			for (let a = 0; a < headDim; a++) {
				const key = at(k, t * headDim + a);
				const query = at(q, t * headDim + a);
				for (let c = 0; c < columns; c++) {
					const value = c < valueDim ? at(v, t * valueDim + c) : 1;
					const i = a * columns + c;
					state[i] = decay * at(state, i) + key * value;
					sums[c] = at(sums, c) + query * at(state, i);
				}
			}
			if (keepStates) states.push(state);
			if (normalized) denominator[t] = at(sums, valueDim) + epsilon;
			for (let c = 0; c < valueDim; c++) out[t * valueDim + c] = at(sums, c) / at(denominator, t);
		}
		for (let a = 0; a < headDim; a++) {
			finalSum.set(state.subarray(a * columns, a * columns + valueDim), (head * headDim + a) * valueDim);
			finalNormalizer[head * headDim + a] = at(state, a * columns + valueDim);
		}
	}
	return { out, denominator, finalSum, finalNormalizer, states };
}

function at(values: ArrayLike<number>, index: number): number {
	return values[index] as number;
}

/** Initial state of a head, [headDim, valueDim + 1], the normaliser in the last column. */
function startOf(problem: RunningStateProblem, head: number): Float64Array {
	const { headDim, valueDim, initialSum, initialNormalizer } = problem;
	return joinColumns(head, headDim, valueDim, initialSum, initialNormalizer);
}

function joinColumns(
	head: number,
	headDim: number,
	valueDim: number,
	sum: Float32Array | null,
	normalizer: Float32Array | null,
): Float64Array {
	const columns = valueDim + 1;
	const state = new Float64Array(headDim * columns);
	for (let a = 0; a < headDim; a++) {
		const row = head * headDim + a;
		if (sum) state.set(sum.subarray(row * valueDim, (row + 1) * valueDim), a * columns);
		if (normalizer) state[a * columns + valueDim] = at(normalizer, row);
	}
	return state;
}

export interface LoopGradients {
	readonly dq: Float64Array;
	readonly dk: Float64Array;
	readonly dv: Float64Array;
	readonly dLogDecay: Float64Array;
	readonly dInitialSum: Float64Array;
	readonly dInitialNormalizer: Float64Array;
}

/** Gradients of one head in float64 by differentiating each step of the recurrence, all states kept. */
export function backwardLoop(problem: RunningStateProblem): LoopGradients {
	const { length, headDim, valueDim, normalized, q, k, v, logDecay, dOut } = problem;
	const columns = valueDim + 1;
	const { out, denominator, states } = forwardLoop(problem, true);
	const gradients = {
		dq: new Float64Array(length * headDim),
		dk: new Float64Array(length * headDim),
		dv: new Float64Array(length * valueDim),
		dLogDecay: new Float64Array(length),
		dInitialSum: new Float64Array(headDim * valueDim),
		dInitialNormalizer: new Float64Array(headDim),
	};
	const { dq, dk, dv } = gradients;
	const dState = joinColumns(0, headDim, valueDim, problem.dFinalSum, problem.dFinalNormalizer);
	for (let t = length - 1; t >= 0; t--) {
		const state = states[t + 1] as Float64Array;
		const dSums = new Float64Array(columns);
		for (let c = 0; c < valueDim; c++) {
			const upstream = at(dOut, t * valueDim + c) / at(denominator, t);
			dSums[c] = upstream;
			if (normalized) dSums[valueDim] = at(dSums, valueDim) - upstream * at(out, t * valueDim + c);
		}
		const decay = logDecay ? Math.exp(at(logDecay, t)) : 1;
		let dLog = 0;
		for (let a = 0; a < headDim; a++) {
			const row = t * headDim + a;
			for (let c = 0; c < columns; c++) {
				const i = a * columns + c;
				dq[row] = at(dq, row) + at(state, i) * at(dSums, c);
				dState[i] = at(dState, i) + at(q, row) * at(dSums, c);
				dk[row] = at(dk, row) + at(dState, i) * (c < valueDim ? at(v, t * valueDim + c) : 1);
				if (c < valueDim) dv[t * valueDim + c] = at(dv, t * valueDim + c) + at(dState, i) * at(k, row);
				dState[i] = at(dState, i) * decay;
				dLog += at(dState, i) * at(states[t] as Float64Array, i);
			}
		}
		gradients.dLogDecay[t] = dLog;
	}
	for (let a = 0; a < headDim; a++) {
		gradients.dInitialSum.set(dState.subarray(a * columns, a * columns + valueDim), a * valueDim);
		gradients.dInitialNormalizer[a] = at(dState, a * columns + valueDim);
	}
	return gradients;
}

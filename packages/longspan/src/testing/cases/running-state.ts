import { floatOutput, floats, type KernelCase, kernelCase } from "../kernel-case.js";
import { normals, uniforms } from "../random-values.js";

export interface RunningStateOptions {
	readonly batch: number;
	readonly heads: number;
	readonly length: number;
	readonly headDim: number;
	readonly valueDim: number;
	readonly normalized?: boolean;
	/** Decays of about exp(-this); 0 is none. */
	readonly decay?: number;
	/** Steps of each head at which logDecay is -Infinity. */
	readonly resets?: readonly number[];
	readonly initialState?: boolean;
	/** Whether the final state has a gradient; true unless said otherwise. */
	readonly finalGradient?: boolean;
}

function label(options: RunningStateOptions): string {
	const { batch, heads, length, headDim, valueDim, normalized, decay, resets, initialState, finalGradient } = options;
	const parts = [`running state ${batch} x ${heads} x ${length}, ${headDim} -> ${valueDim}`];
	if (normalized) parts.push("normalised");
	if (decay) parts.push(`decay ${decay}`);
	if (resets) parts.push(`resets at ${resets.join(" ")}`);
	if (initialState) parts.push("from a state");
	if (finalGradient === false) parts.push("no gradient of the final state");
	return parts.join(", ");
}

/** The forward kernel and its gradients. */
export function runningStateCase(options: RunningStateOptions): KernelCase {
	const { batch, heads, length, headDim, valueDim, normalized = false, decay = 0, resets = [] } = options;
	const { initialState: hasInitial = false, finalGradient = true } = options;
	const rows = batch * heads * length;
	const [sumSize, normalizerSize] = [batch * heads * headDim * valueDim, batch * heads * headDim];
	// A normaliser wants positive features; without one, signed features keep the sums from growing with the length.
	const features = (seed: number): number[] =>
		normalized ? uniforms(rows * headDim, seed, 0.1, 1.5) : normals(rows * headDim, seed, headDim ** -0.25);
	const logDecay = uniforms(rows, 4, -2 * decay, 0).map((value, i) =>
		resets.includes(i % length) ? -Infinity : value,
	);
	const decays = decay > 0 || resets.length > 0;
	const ifNormalized = <T>(value: T): T | null => (normalized ? value : null);
	return kernelCase({
		name: label(options),
		inputs: {
			q: floats(features(1)),
			k: floats(features(2)),
			v: floats(normals(rows * valueDim, 3)),
			dOut: floats(normals(rows * valueDim, 8)),
		},
		optionalInputs: {
			logDecay: decays ? floats(logDecay) : null,
			initialSum: hasInitial ? floats(normals(sumSize, 5)) : null,
			initialNormalizer: hasInitial ? ifNormalized(floats(uniforms(normalizerSize, 6, 0.5, 2))) : null,
			dFinalSum: finalGradient ? floats(normals(sumSize, 9)) : null,
			dFinalNormalizer: finalGradient ? ifNormalized(floats(normals(normalizerSize, 10))) : null,
		},
		outputs: {
			out: floatOutput(rows * valueDim),
			finalSum: floatOutput(sumSize),
			dq: floatOutput(rows * headDim),
			dk: floatOutput(rows * headDim),
			dv: floatOutput(rows * valueDim),
		},
		optionalOutputs: {
			denominator: ifNormalized(floatOutput(rows)),
			finalNormalizer: ifNormalized(floatOutput(normalizerSize)),
			dLogDecay: decays ? floatOutput(rows) : null,
			dInitialSum: hasInitial ? floatOutput(sumSize) : null,
			dInitialNormalizer: hasInitial ? ifNormalized(floatOutput(normalizerSize)) : null,
		},
		tolerance: { absolute: 1e-6, relative: 1e-5, ofLargest: 1e-5 },
		gradient: {
			upstream: { out: "dOut", finalSum: "dFinalSum", finalNormalizer: "dFinalNormalizer" },
			wanted: {
				q: "dq",
				k: "dk",
				v: "dv",
				logDecay: "dLogDecay",
				initialSum: "dInitialSum",
				initialNormalizer: "dInitialNormalizer",
			},
		},
		run(backend, b) {
			const args = {
				...b,
				...{ batch, heads, length, headDim, valueDim },
				epsilon: 1e-3,
				initialState: b.initialSum && { sum: b.initialSum, normalizer: b.initialNormalizer },
				finalState: { sum: b.finalSum, normalizer: b.finalNormalizer },
			};
			backend.runningState(args);
			backend.runningStateGradient({
				...args,
				dFinalState: b.dFinalSum && { sum: b.dFinalSum, normalizer: b.dFinalNormalizer },
				dInitialState: b.dInitialSum && { sum: b.dInitialSum, normalizer: b.dInitialNormalizer },
			});
		},
	});
}

const wide = { headDim: 64, valueDim: 64 };
const plain = { batch: 1, heads: 2, headDim: 16, valueDim: 24 };

export const runningStateCases: readonly KernelCase[] = [
	...[1, 2, 63, 64, 65, 200, 1000].flatMap((length) => [
		runningStateCase({ ...plain, length }),
		runningStateCase({ ...plain, length, normalized: true }),
		runningStateCase({ ...plain, length, normalized: true, initialState: true }),
		runningStateCase({ ...plain, length, decay: 0.05, initialState: true }),
		runningStateCase({ ...plain, length, decay: 1, normalized: true, initialState: true, finalGradient: false }),
	]),
	...[1, 3, 16, 24, 64, 80, 128].flatMap((headDim) => [
		runningStateCase({ batch: 2, heads: 1, length: 130, headDim, valueDim: headDim, normalized: true }),
		runningStateCase({ batch: 1, heads: 1, length: 130, headDim, valueDim: 5, decay: 0.1 }),
		runningStateCase({ batch: 1, heads: 1, length: 130, headDim: 7, valueDim: headDim, decay: 0.1, normalized: true }),
	]),
	runningStateCase({ batch: 2, heads: 3, length: 257, ...wide, decay: 0.01, normalized: true, initialState: true }),
	runningStateCase({ ...plain, length: 200, resets: [0, 1, 63, 64, 100], normalized: true, initialState: true }),
	runningStateCase({ ...plain, length: 200, resets: [199], decay: 0.2, initialState: true }),
	// Decays so strong that dividing by their product would overflow.
	runningStateCase({ ...plain, length: 300, decay: 20, initialState: true }),
	runningStateCase({ ...plain, length: 300, decay: 20, normalized: true }),
	runningStateCase({ ...plain, length: 200, finalGradient: false }),
	// Long enough to be cut into parts.
	...[2048, 3001].flatMap((length) => [
		runningStateCase({ ...plain, heads: 1, length, normalized: true, initialState: true }),
		runningStateCase({ ...plain, heads: 1, length, decay: 0.002, resets: [1500], initialState: true }),
		runningStateCase({ ...plain, heads: 3, length, decay: 0.01, normalized: true }),
	]),
	runningStateCase({
		batch: 3,
		heads: 1,
		length: 70,
		headDim: 8,
		valueDim: 8,
		finalGradient: false,
		initialState: true,
	}),
];

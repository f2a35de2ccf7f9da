import { record } from "../../autograd/tape.js";
import type { StateBuffers } from "../../backends/backend.js";
import { ShapeError } from "../../errors.js";
import { checkNumber, checkOperands } from "../../ops/operands.js";
import { emptyTensor, zerosLike } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { formatShape, type Shape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { attentionSizes, checkSameLength } from "../sizes.js";
import { checkState, type LinearState } from "./state.js";

export interface RunningStateOptions {
	/** [batch, heads, length], at most 0: the state is multiplied by exp(logDecay) before each step. Default: no decay. */
	logDecay?: Tensor | undefined;
	/** State before the first step. Default: zero. */
	initialState?: LinearState | undefined;
	/** Divide by q·z, with z the decayed sum of k. Default: true. */
	normalize?: boolean | undefined;
	/** Added to the denominator. Default: 1e-6. */
	epsilon?: number | undefined;
}

export interface RunningStateResult {
	/** [batch, heads, length, valueDim] */
	readonly output: Tensor;
	readonly finalState: LinearState;
}

function buffersOf(state: LinearState): StateBuffers {
	return { sum: state.sum.buffer, normalizer: state.normalizer?.buffer ?? null };
}

function tensorsOf(state: LinearState | undefined): Tensor[] {
	if (!state) return [];
	return state.normalizer ? [state.sum, state.normalizer] : [state.sum];
}

function stateOf([sum, normalizer]: Tensor[]): LinearState {
	return { sum: sum as Tensor, normalizer: normalizer ?? null };
}

/**
 * Causal attention as a running state (engine 2): S_t = exp(logDecay_t) S_(t-1) + k_t v_tᵀ and out_t = q_t S_t, divided by
 * q_t·z_t + epsilon if normalised. Computed chunk by chunk with matrix products; a call of length 1 is the recurrent form.
 * Differentiable in q, k, v, logDecay and the initial state, through the output and the final state, in memory
 * proportional to the length. There is no scaling: q and k are taken as they are, feature maps applied.
 *
 * Katharopoulos et al. 2020 (arXiv 2006.16236) eq. 9–12; with decay, structured masked attention of Dao & Gu 2024
 * (arXiv 2405.21060) section 4 and, with a constant one, Sun et al. 2023 (arXiv 2307.08621).
 *
 * @param q [batch, heads, length, headDim]
 * @param k [batch, heads, length, headDim]
 * @param v [batch, heads, length, valueDim]
 * @throws ShapeError, DTypeError, OptionError
 */
export function runningState(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	{ logDecay, initialState, normalize = true, epsilon = 1e-6 }: RunningStateOptions = {},
	name = "runningState",
): RunningStateResult {
	const { device, queryLength: length, keyLength, ...sizes } = attentionSizes(name, q, k, v);
	checkSameLength(name, length, keyLength);
	checkNumber(name, "epsilon", epsilon, { min: 0 });
	const perStep = q.shape.slice(0, 3);
	if (logDecay) {
		checkOperands(name, { q, logDecay });
		if (!sameShape(logDecay.shape, perStep))
			throw new ShapeError(
				`${name}: argument logDecay has shape ${formatShape(logDecay.shape)}; expected ${formatShape(perStep)}`,
			);
	}
	if (initialState) checkState(name, initialState, sizes, normalize);

	const { backend } = device;
	const output = emptyTensor(device, [...perStep, sizes.valueDim]);
	const denominator = normalize ? emptyTensor(device, perStep) : null;
	const finalState = emptyState(device, [sizes.batch, sizes.heads, sizes.headDim], sizes.valueDim, normalize);
	const call = { ...sizes, length, epsilon };
	backend.runningState({
		...call,
		q: q.buffer,
		k: k.buffer,
		v: v.buffer,
		logDecay: logDecay?.buffer ?? null,
		initialState: initialState ? buffersOf(initialState) : null,
		out: output.buffer,
		denominator: denominator?.buffer ?? null,
		finalState: buffersOf(finalState),
	});

	const inputs = [q, k, v, ...(logDecay ? [logDecay] : []), ...tensorsOf(initialState)];
	const outputs = [output, ...tensorsOf(finalState)];
	record(inputs, outputs, {
		save: [...inputs, ...outputs, ...(denominator ? [denominator] : [])],
		backward: (saved, [dOutput, ...dFinal]) => {
			const kept = saved as Tensor[];
			const [sq, sk, sv, ...others] = kept.slice(0, inputs.length) as [Tensor, Tensor, Tensor, ...Tensor[]];
			const decay = logDecay ? others.shift() : undefined;
			const [out, ...final] = kept.slice(inputs.length, inputs.length + outputs.length) as [Tensor, ...Tensor[]];
			const zeroed = (gradient: Tensor | null | undefined, like: Tensor) => gradient ?? zerosLike(like);
			const gradients = inputs.map((input) => emptyTensor(device, input.shape));
			const [dq, dk, dv, ...rest] = gradients as [Tensor, Tensor, Tensor, ...Tensor[]];
			const dLogDecay = logDecay ? rest.shift() : undefined;
			backend.runningStateGradient({
				...call,
				q: sq.buffer,
				k: sk.buffer,
				v: sv.buffer,
				logDecay: decay?.buffer ?? null,
				initialState: initialState ? buffersOf(stateOf(others)) : null,
				out: out.buffer,
				denominator: denominator ? (kept[kept.length - 1] as Tensor).buffer : null,
				finalState: buffersOf(stateOf(final)),
				dOut: zeroed(dOutput, out).buffer,
				dFinalState: dFinal.some((gradient) => gradient)
					? buffersOf(stateOf(final.map((tensor, index) => zeroed(dFinal[index], tensor))))
					: null,
				dq: dq.buffer,
				dk: dk.buffer,
				dv: dv.buffer,
				dLogDecay: dLogDecay?.buffer ?? null,
				dInitialState: initialState ? buffersOf(stateOf(rest)) : null,
			});
			return gradients;
		},
	});
	denominator?.dispose();
	return { output, finalState };
}

function emptyState(device: Device, perHead: Shape, valueDim: number, normalize: boolean): LinearState {
	return {
		sum: emptyTensor(device, [...perHead, valueDim]),
		normalizer: normalize ? emptyTensor(device, perHead) : null,
	};
}

import { type Attention, matmul, runningState, scope, type Tensor, tensor, vjp } from "longspan";
import type { Contestant } from "./contestant.js";
import type { AttentionInputs, MatmulInputs } from "./inputs.js";

/** Our name in the tables. */
export const ours = "longspan";

/**
 * A contestant that computes one tensor. The WASM device returns from a kernel when the kernel is done, so nothing has to be
 * waited for; allocating and freeing the result is part of the time.
 */
export function tensorContestant(name: string, operands: readonly Tensor[], compute: () => Tensor): Contestant {
	return {
		name,
		run: () => compute().dispose(),
		async output() {
			const result = compute();
			const values = await result.data();
			result.dispose();
			return values;
		},
		dispose() {
			for (const operand of operands) operand.dispose();
		},
	};
}

export function matmulContestant({ size, a, b }: MatmulInputs, name = ours): Contestant {
	const [left, right] = [tensor(a, [size, size]), tensor(b, [size, size])];
	return tensorContestant(name, [left, right], () => matmul(left, right));
}

/** q, k and v as tensors [1, heads, length, headDim]. */
export function attentionTensors({ heads, length, headDim, q, k, v }: AttentionInputs): [Tensor, Tensor, Tensor] {
	const shape = [1, heads, length, headDim];
	return [tensor(q, shape), tensor(k, shape), tensor(v, shape)];
}

export function attentionContestant(attend: Attention, inputs: AttentionInputs, name = ours): Contestant {
	const [q, k, v] = attentionTensors(inputs);
	return tensorContestant(name, [q, k, v], () => attend(q, k, v));
}

/** Engine 2 with neither feature map nor normaliser. */
export function runningStateContestant(inputs: AttentionInputs, name: string): Contestant {
	const [q, k, v] = attentionTensors(inputs);
	return tensorContestant(name, [q, k, v], () => scope(() => runningState(q, k, v, { normalize: false }).output));
}

/** Forward and backward: the gradients of q, k and v for a given gradient of the output. */
export function gradientContestant(attend: Attention, inputs: AttentionInputs, name: string): Contestant {
	const [q, k, v] = attentionTensors(inputs);
	const dOut = tensor(inputs.k, q.shape);
	return {
		name,
		run: () =>
			scope(() => {
				const { pullback } = vjp((a, b, c) => attend(a as Tensor, b as Tensor, c as Tensor), q, k, v);
				pullback(dOut);
			}),
		dispose() {
			for (const operand of [q, k, v, dOut]) operand.dispose();
		},
	};
}

import { record } from "../../autograd/tape.js";
import type { AttentionSizes } from "../../backends/backend.js";
import { OptionError } from "../../errors.js";
import { checkNumber, checkOperands } from "../../ops/operands.js";
import { emptyTensor, zerosLike } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { encodePlans, type HeadPlans } from "../plan/encode.js";
import type { TilePlan } from "../plan/tile-plan.js";
import { transposeHeadPlans } from "../plan/transpose.js";
import { attentionSizes, checkKeyMask } from "../sizes.js";

export interface SoftmaxAttentionOptions {
	/** int32 [batch, keyLength]; keys with 0 are hidden. Default: all are visible. */
	keyMask?: Tensor<"int32"> | undefined;
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number | undefined;
}

/** Output and normaliser of softmax attention over a set of keys; partial results over disjoint sets merge exactly. */
export interface SoftmaxResult {
	/** [batch, heads, queryLength, valueDim]; 0 for queries that see no key. */
	readonly output: Tensor;
	/** [batch, heads, queryLength], natural logarithm of the sum of exponentials; -Infinity for queries that see no key. */
	readonly logSumExp: Tensor;
}

/** The same plan for every head. */
export function forAllHeads(plan: TilePlan): HeadPlans {
	return { plans: [plan], headMap: [0] };
}

/**
 * Softmax attention over tile plans (engine 1), differentiable in q, k and v through both results. One pass with an online
 * softmax (Milakov & Gimelshein 2018, arXiv 1805.02867; Dao et al. 2022, arXiv 2205.14135): no matrix of scores is
 * kept, and the backward pass computes the scores again from logSumExp.
 *
 * @param q [batch, heads, queryLength, headDim]
 * @param k [batch, heads, keyLength, headDim]
 * @param v [batch, heads, keyLength, valueDim]
 * @param plans which keys each query sees, by head; or a function that makes them for the sizes, called when those are checked
 * @throws ShapeError, DTypeError, OptionError
 */
export function softmaxAttention(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	plans: HeadPlans | ((sizes: AttentionSizes) => HeadPlans),
	{ keyMask, scale }: SoftmaxAttentionOptions = {},
	name = "softmaxAttention",
): SoftmaxResult {
	const { device, ...sizes } = attentionSizes(name, q, k, v);
	const factor = scale ?? 1 / Math.sqrt(sizes.headDim);
	checkNumber(name, "scale", factor);
	if (keyMask) {
		checkKeyMask(name, keyMask, sizes);
		checkOperands(name, { q, keyMask }, "any");
	}
	const headPlans = typeof plans === "function" ? plans(sizes) : plans;
	checkPlans(name, headPlans, sizes);
	const { backend } = device;
	const output = emptyTensor(device, [...q.shape.slice(0, 3), sizes.valueDim]);
	const logSumExp = emptyTensor(device, q.shape.slice(0, 3));
	const call = { ...sizes, keyMask: keyMask?.buffer ?? null, plans: encodePlans(headPlans), scale: factor };
	backend.softmaxAttention({
		...call,
		q: q.buffer,
		k: k.buffer,
		v: v.buffer,
		out: output.buffer,
		logSumExp: logSumExp.buffer,
	});
	record([q, k, v], [output, logSumExp], {
		save: [q, k, v, output, logSumExp, ...(keyMask ? [keyMask] : [])],
		backward: (saved, [dOutput, dLogSumExp]) => {
			const [sq, sk, sv, out, lse] = saved as Tensor[] as [Tensor, Tensor, Tensor, Tensor, Tensor];
			const dOut = dOutput ?? zerosLike(out);
			const [dq, dk, dv] = [emptyTensor(device, q.shape), emptyTensor(device, k.shape), emptyTensor(device, v.shape)];
			backend.softmaxAttentionGradient({
				...call,
				keyMask: saved[5]?.buffer ?? null,
				transposedPlans: encodePlans(transposeHeadPlans(headPlans)),
				q: sq.buffer,
				k: sk.buffer,
				v: sv.buffer,
				out: out.buffer,
				logSumExp: lse.buffer,
				dOut: dOut.buffer,
				dLogSumExp: dLogSumExp?.buffer ?? null,
				dq: dq.buffer,
				dk: dk.buffer,
				dv: dv.buffer,
			});
			return [dq, dk, dv];
		},
	});
	return { output, logSumExp };
}

function checkPlans(name: string, { plans, headMap }: HeadPlans, sizes: AttentionSizes): void {
	const { batch, heads, queryLength, keyLength } = sizes;
	if (![1, heads, batch * heads].includes(headMap.length))
		throw new OptionError(
			`${name}: the head map has ${headMap.length} entries; expected 1, ${heads} (heads) or ${batch * heads} (batch * heads)`,
		);
	for (const plan of plans)
		if (plan.rows !== queryLength || plan.columns !== keyLength)
			throw new OptionError(
				`${name}: a plan is for ${plan.rows} queries and ${plan.columns} keys; q has length ${queryLength}, k ${keyLength}`,
			);
}

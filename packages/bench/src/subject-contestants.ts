import { type AttendOptions, normal, scope, type Tensor, vjp } from "longspan";
import type { Contestant } from "./contestant.js";
import { standardHeadDim, standardHeads } from "./inputs.js";
import { tensorContestant } from "./longspan.js";
import type { Subject } from "./mechanisms.js";

/** q, k and v at a length, shared by all subjects. */
export interface Operands {
	readonly length: number;
	readonly tensors: readonly [q: Tensor, k: Tensor, v: Tensor];
	dispose(): void;
}

export function randomOperands(length: number): Operands {
	const make = (seed: number) => normal([1, standardHeads, length, standardHeadDim], { seed });
	const tensors = [make(1), make(2), make(3)] as const;
	return {
		length,
		tensors,
		dispose() {
			for (const tensor of tensors) tensor.dispose();
		},
	};
}

/** A subject's forward call at the length of the operands, and forward with backward, in all it is differentiable in. */
export function subjectContestants(
	{ name, attend }: Subject,
	{ length, tensors: [q, k, v] }: Operands,
): { forward: Contestant; both: Contestant; dispose: () => void } {
	const mechanism = attend(length);
	const weights = mechanism.initialize?.({ heads: standardHeads, headDim: standardHeadDim });
	const inputs = [q, ...(mechanism.sharesQueryKey ? [] : [k]), v, ...Object.values(weights ?? {})];
	const call = (list: readonly Tensor[]): Tensor => {
		const [tq, tk, tv] = (mechanism.sharesQueryKey ? [list[0], ...list] : list) as [Tensor, Tensor, Tensor];
		const rest = list.slice(mechanism.sharesQueryKey ? 2 : 3);
		const named = Object.keys(weights ?? {}).map((key, at) => [key, rest[at] as Tensor] as const);
		const options: AttendOptions = weights ? { weights: Object.fromEntries(named) } : {};
		return mechanism(tq, tk, tv, options);
	};
	return {
		forward: tensorContestant(name, [], () => call(inputs)),
		both: {
			name: `${name}, forward + backward`,
			run: () =>
				scope(() => {
					// Any tensor of its shape will do as the gradient of the output.
					vjp((...list) => call(list), ...inputs).pullback(v);
				}),
		},
		dispose() {
			for (const tensor of Object.values(weights ?? {})) tensor.dispose();
		},
	};
}

import { full } from "../../attention/full/index.js";
import { fullReference } from "../../attention/full/reference.js";
import { linear } from "../../attention/linear-transformer/index.js";
import { linearReference } from "../../attention/linear-transformer/reference.js";
import type { Attention } from "../../attention/mechanism.js";
import { perHead } from "../../attention/per-head/index.js";
import { slidingWindow } from "../../attention/sliding-window/index.js";
import { slidingWindowReference } from "../../attention/sliding-window/reference.js";
import { concat, slice } from "../../ops/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { MechanismCase } from "../mechanism-case.js";

type Reference = (q: Tensor, k: Tensor, v: Tensor, keyMask: Tensor<"int32"> | undefined) => Tensor;

/** Two mechanisms on two heads: the dense definition of each on its own. */
function perHeadCase(name: string, cross: boolean, members: readonly [Attention, Reference][]): MechanismCase {
	return {
		name: `by head, ${name}`,
		attend: perHead(members.map(([attention]) => attention)),
		reference: (q, k, v, keyMask) =>
			concat(
				members.map(([, reference], head) => {
					const [ownQ, ownK, ownV] = [q, k, v].map((x) => slice(x, 1, head, head + 1)) as [Tensor, Tensor, Tensor];
					return reference(ownQ, ownK, ownV, keyMask);
				}),
				1,
			),
		cross,
		heads: 2,
	};
}

const [window, causal] = [20, { causal: true }];

export const perHeadCases: readonly MechanismCase[] = [
	perHeadCase("window and full, causal", false, [
		[
			slidingWindow({ window, ...causal }),
			(q, k, v, keyMask) => slidingWindowReference(q, k, v, { window, ...causal, keyMask }),
		],
		[full(causal), (q, k, v, keyMask) => fullReference(q, k, v, { ...causal, keyMask })],
	]),
];

/** Engines that differ, so that the heads have no connectivity in common; the tests of all mechanisms need one. */
export const perHeadMixedCase: MechanismCase = perHeadCase("full and linear", true, [
	[full(), (q, k, v, keyMask) => fullReference(q, k, v, { keyMask })],
	[linear(), (q, k, v, keyMask) => linearReference(q, k, v, { keyMask })],
]);

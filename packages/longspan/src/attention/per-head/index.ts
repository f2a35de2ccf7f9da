import { OptionError } from "../../errors.js";
import { concat, slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineAttention } from "../define-attention.js";
import type { Attention, AttentionWeights, Connectivity, Cost } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";

const name = "perHead";

/**
 * Attention whose heads follow several mechanisms: with m of them, the heads are divided into m groups in order, as equal as possible
 * with the longer ones first, and group i follows mechanism i. Its weights are those of the mechanisms, each name with the number of its group before it.
 *
 * @throws OptionError for no mechanism, mechanisms of different causality, or fewer heads than mechanisms
 * @example
 * const attend = perHead([slidingWindow({ window: 64, causal: true }), reformer({ causal: true })]);
 */
export function perHead(mechanisms: readonly Attention[]): Attention {
	const [first] = mechanisms;
	if (!first) throw new OptionError(`${name}: there are no mechanisms; expected at least one`);
	const odd = mechanisms.find(({ causal }) => causal !== first.causal);
	if (odd)
		throw new OptionError(
			`${name}: "${first.description}" is ${first.causal ? "" : "not "}causal, "${odd.description}" is${odd.causal ? "" : " not"}; expected mechanisms of one causality`,
		);
	const count = mechanisms.length;
	const groupsOf = (heads: number) => {
		if (heads < count)
			throw new OptionError(
				`${name}: there are ${heads} heads for ${count} mechanisms; expected at least one for each`,
			);
		let start = 0;
		return mechanisms.map((attention, index) => {
			const from = start;
			start += Math.floor(heads / count) + (index < heads % count ? 1 : 0);
			return { attention, index, from, to: start, heads: start - from };
		});
	};
	const heads = (x: Tensor, { from, to }: { from: number; to: number }) => slice(x, 1, from, to);
	const ownWeights = (weights: AttentionWeights, index: number): AttentionWeights =>
		Object.fromEntries(
			Object.entries(weights).flatMap(([key, weight]) =>
				key.startsWith(`${index}:`) ? [[key.slice(`${index}:`.length), weight]] : [],
			),
		);
	const weighted = mechanisms.some(({ initialize }) => initialize);

	return defineAttention(
		(q, k, v, { keyMask, weights = {} }) =>
			scope(() => {
				const outputs = groupsOf(q.shape[1] ?? 0).map((group) => {
					const { attention, index } = group;
					const queries = heads(q, group);
					const keys = attention.sharesQueryKey ? queries : heads(k, group);
					return attention(queries, keys, heads(v, group), { keyMask, weights: ownWeights(weights, index) });
				});
				return concat(outputs, 1);
			}),
		{
			description: mechanisms.map(({ description }) => description).join(" + "),
			causal: first.causal,
			sharesQueryKey: mechanisms.every(({ sharesQueryKey }) => sharesQueryKey),
			...(weighted && {
				initialize: (sizes) =>
					Object.fromEntries(
						groupsOf(sizes.heads).flatMap(({ attention, index, heads: own }) =>
							Object.entries(attention.initialize?.({ ...sizes, heads: own }) ?? {}).map(([key, weight]) => [
								`${index}:${key}`,
								weight,
							]),
						),
					),
			}),
			cost(length, sizes = {}) {
				const costs = groupsOf(sizes.heads ?? 1).map(({ attention, heads: own }) =>
					attention.cost(length, { ...sizes, heads: own }),
				);
				const sum = (of: keyof Cost) => costs.reduce((total, cost) => total + cost[of], 0);
				const { batch = 1, heads: all = 1, headDim = 64, valueDim = headDim } = sizes;
				// Beside what the groups take: their parts of q, k and v, and the joined output.
				const copies = 4 * batch * all * length * (2 * headDim + 2 * valueDim);
				return { flops: sum("flops"), tiles: sum("tiles"), bytes: sum("bytes") + copies };
			},
			connectivity: (length, all = count) =>
				joinGroups(
					groupsOf(all).map((group) => ({ ...group, connectivity: group.attention.connectivity(length, group.heads) })),
				),
			startDecoding(sizes) {
				const groups = groupsOf(sizes.heads).map((group) => ({
					...group,
					session: group.attention.startDecoding({ ...sizes, heads: group.heads }),
				}));
				return {
					get position() {
						return (groups[0] as (typeof groups)[number]).session.position;
					},
					get stateBytes() {
						return groups.reduce((sum, { session }) => sum + session.stateBytes, 0);
					},
					append: (q, k, v) =>
						scope(() =>
							concat(
								groups.map((group) => {
									const queries = heads(q, group);
									const keys = group.attention.sharesQueryKey ? queries : heads(k, group);
									return group.session.append(queries, keys, heads(v, group));
								}),
								1,
							),
						),
					dispose() {
						for (const { session } of groups) session.dispose();
					},
				};
			},
		},
	);
}

/** One connectivity of all heads. Throws `OptionError` where the groups' are of different kinds. */
function joinGroups(groups: readonly { readonly heads: number; readonly connectivity: Connectivity }[]): Connectivity {
	const parts: { plans: HeadPlans["plans"][number][]; headMap: number[] }[] = [];
	for (const { heads, connectivity } of groups) {
		const fits = connectivity.kind === "tiles" && (parts.length === 0 || parts.length === connectivity.parts.length);
		if (!fits) {
			const [{ connectivity: only } = { connectivity }] = groups;
			if (groups.every((group) => JSON.stringify(group.connectivity) === JSON.stringify(only))) return only;
			throw new OptionError(`${name}: the mechanisms connect in different ways; ask each for its connectivity`);
		}
		connectivity.parts.forEach(({ plans, headMap }, index) => {
			parts[index] ??= { plans: [], headMap: [] };
			const part = parts[index] as (typeof parts)[number];
			const offset = part.plans.length;
			part.plans.push(...plans);
			for (let head = 0; head < heads; head++) part.headMap.push(offset + (headMap[head % headMap.length] as number));
		});
	}
	return { kind: "tiles", parts };
}

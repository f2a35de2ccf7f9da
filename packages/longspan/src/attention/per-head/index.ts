import { OptionError } from "../../errors.js";
import { checkList, describe } from "../../ops/operands.js";
import { concat, slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineAttention } from "../define-attention.js";
import { isAttention } from "../is-attention.js";
import type { Attention, AttentionWeights, Connectivity } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import type { TilePlan } from "../plan/tile-plan.js";
import { attentionSizes } from "../sizes.js";

const name = "perHead";

/**
 * Attention whose heads follow several mechanisms: with m of them, the heads are divided into m groups in order, as equal as possible
 * with the larger ones first, and group i follows mechanism i. Its weights are those of the mechanisms, each name with the number of its
 * group before it ("1:E"). `cost` without a number of heads is that of one head for each mechanism.
 *
 * @throws OptionError for no mechanism, mechanisms of different causality, or fewer heads than mechanisms
 * @example
 * const attend = perHead([slidingWindow({ window: 64, causal: true }), reformer({ causal: true })]);
 */
export function perHead(mechanisms: readonly Attention[]): Attention {
	checkList(name, "mechanisms", mechanisms, "attentions");
	for (const mechanism of mechanisms)
		if (!isAttention(mechanism))
			throw new OptionError(`${name}: mechanisms hold ${describe(mechanism)}; expected attentions, such as full()`);
	const [first] = mechanisms;
	if (!first) throw new OptionError(`${name}: mechanisms is empty; expected at least one`);
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
				const outputs = groupsOf(attentionSizes(name, q, k, v).heads).map((group) =>
					scope(() => {
						const { attention, index } = group;
						const queries = heads(q, group);
						const keys = attention.sharesQueryKey ? queries : heads(k, group);
						return attention(queries, keys, heads(v, group), { keyMask, weights: ownWeights(weights, index) });
					}),
				);
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
				const { batch = 1, heads: all = count, headDim = 64, valueDim = headDim } = sizes;
				const bytesOf = (some: number, channels: number) => 4 * batch * some * length * channels;
				const total = { flops: 0, tiles: 0, bytes: 0 };
				for (const { attention, from, heads: own } of groupsOf(all)) {
					const cost = attention.cost(length, { ...sizes, heads: own });
					total.flops += cost.flops;
					total.tiles += cost.tiles;
					// Outputs of the groups before, and its own part of q, k and v.
					const held = bytesOf(from, valueDim) + bytesOf(own, 2 * headDim + valueDim);
					total.bytes = Math.max(total.bytes, held + cost.bytes);
				}
				// In the end the outputs of the groups and the joined one.
				return { ...total, bytes: Math.max(total.bytes, bytesOf(all, 2 * valueDim)) };
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

/** One connectivity of all heads. Throws `OptionError` where some have scores of their own and others a state, or states differ. */
function joinGroups(groups: readonly { readonly heads: number; readonly connectivity: Connectivity }[]): Connectivity {
	const [{ connectivity: first }] = groups as [(typeof groups)[number]];
	const tiled = groups.flatMap(({ heads, connectivity }) =>
		connectivity.kind === "tiles" ? [{ heads, own: connectivity.parts }] : [],
	);
	if (tiled.length === 0 && groups.every(({ connectivity }) => sameFields(connectivity, first))) return first;
	if (tiled.length < groups.length)
		throw new OptionError(`${name}: the mechanisms connect in different ways; ask each for its connectivity`);
	const count = Math.max(...tiled.map(({ own }) => own.length));
	const parts = Array.from({ length: count }, (_, index): HeadPlans => {
		const plans: TilePlan[] = [];
		const headMap: number[] = [];
		for (const { heads, own } of tiled) {
			const part = own[index] ?? seesNothing(own[0] as HeadPlans);
			for (let head = 0; head < heads; head++)
				headMap.push(plans.length + (part.headMap[head % part.headMap.length] as number));
			plans.push(...part.plans);
		}
		return { plans, headMap };
	});
	return { kind: "tiles", parts };
}

/** A part for heads that have fewer parts than others. */
function seesNothing({ plans }: HeadPlans): HeadPlans {
	const [plan] = plans as [TilePlan];
	return { plans: [{ ...plan, runs: plan.runs.map(() => []) }], headMap: [0] };
}

function sameFields(a: object, b: object): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

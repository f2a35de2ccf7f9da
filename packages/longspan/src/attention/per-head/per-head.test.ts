import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Attention,
	type Device,
	full,
	type HeadPlans,
	init,
	linear,
	linformer,
	normal,
	OptionError,
	perHead,
	planStatistics,
	reformer,
	ShapeError,
	scope,
	slice,
	slidingWindow,
	sum,
	type Tensor,
	type TilePlan,
	valueAndGrad,
} from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 1 });
});
afterAll(() => device.dispose());

const causal = { causal: true } as const;
const window = slidingWindow({ window: 5, ...causal });
const lsh = reformer({ ...causal, chunkLength: 8, numHashes: 2, fullAttentionBelow: 0 });
const random = (heads: number, seed: number) => normal([2, heads, 70, 8], { seed });
const groupOf = (x: Tensor, from: number, to: number) => slice(x, 1, from, to);

/** Pairs with a score, of each head. */
function pairsByHead(attention: Attention, length: number, heads: number): number[] {
	const connectivity = attention.connectivity(length, heads);
	if (connectivity.kind !== "tiles") throw new Error(`unexpected ${connectivity.kind}`);
	const pairs = ({ plans, headMap }: HeadPlans, head: number) =>
		planStatistics(plans[headMap[head % headMap.length] as number] as TilePlan).activePairs;
	return Array.from({ length: heads }, (_, head) =>
		connectivity.parts.reduce((total, part) => total + pairs(part, head), 0),
	);
}

describe("perHead", () => {
	it("divides the heads in order, the larger groups first", () => {
		scope(() => {
			const mechanisms = [window, linear(causal), full(causal)];
			const [q, k, v] = [random(5, 1), random(5, 2), random(5, 3)];
			const out = perHead(mechanisms)(q, k, v);
			[
				[0, 2],
				[2, 4],
				[4, 5],
			].forEach(([from, to], index) => {
				const own = [q, k, v].map((x) => groupOf(x, from as number, to as number)) as [Tensor, Tensor, Tensor];
				expect(groupOf(out, from as number, to as number).dataSync()).toEqual(
					(mechanisms[index] as Attention)(...own).dataSync(),
				);
			});
		});
	});

	it("gives mechanisms whose queries serve as keys their queries, beside others", () => {
		scope(() => {
			const attend = perHead([window, lsh]);
			expect(attend.sharesQueryKey).toBe(false);
			expect(perHead([lsh, lsh]).sharesQueryKey).toBe(true);
			const [q, k, v] = [random(2, 1), random(2, 2), random(2, 3)];
			const own = groupOf(q, 1, 2);
			expect(groupOf(attend(q, k, v), 1, 2).dataSync()).toEqual(lsh(own, own, groupOf(v, 1, 2)).dataSync());
		});
	});

	it("has the weights of its mechanisms, with the number of their group, and their gradients", () => {
		scope(() => {
			const projection = linformer({ maxLength: 70, projectedLength: 6, sharing: "none" });
			const attend = perHead([full(), projection]);
			const weights = attend.initialize?.({ heads: 3, headDim: 8, seed: 4 }) ?? {};
			expect(Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]))).toEqual({
				"1:E": [1, 6, 70],
				"1:F": [1, 6, 70],
			});
			expect(perHead([full(), linear()]).initialize).toBeUndefined();
			const [q, k, v] = [random(3, 1), random(3, 2), random(3, 3)];
			const { gradient } = valueAndGrad((own: typeof weights) => sum(attend(q, k, v, { weights: own })))(weights);
			const { gradient: expected } = valueAndGrad((own: { E: Tensor; F: Tensor }) =>
				sum(projection(groupOf(q, 2, 3), groupOf(k, 2, 3), groupOf(v, 2, 3), { weights: own })),
			)({ E: weights["1:E"] as Tensor, F: weights["1:F"] as Tensor });
			expect(gradient["1:E"]?.dataSync()).toEqual(expected.E.dataSync());
			expect(gradient["1:F"]?.dataSync()).toEqual(expected.F.dataSync());
		});
	});

	it("joins connectivity, also of mechanisms of different numbers of parts, or one state", () => {
		const joined = pairsByHead(perHead([lsh, window, full(causal)]), 70, 4);
		expect(joined).toEqual([...pairsByHead(lsh, 70, 2), ...pairsByHead(window, 70, 1), (70 * 71) / 2]);
		expect(perHead([linear(causal), linear({ ...causal, epsilon: 1e-3 })]).connectivity(70, 2)).toEqual({
			kind: "state",
			causal: true,
		});
	});

	it("costs what its groups cost, one head each unless told otherwise", () => {
		const attend = perHead([window, linear(causal)]);
		const [one, two] = [window.cost(500, { heads: 2 }), linear(causal).cost(500, { heads: 1 })];
		expect(attend.cost(500, { heads: 3 }).flops).toBe(one.flops + two.flops);
		expect(attend.cost(500, { heads: 3 }).tiles).toBe(one.tiles);
		expect(attend.cost(500)).toEqual(attend.cost(500, { heads: 2 }));
	});

	it("remembers what its groups remember", () => {
		const after = (attention: Attention, heads: number) =>
			scope(() => {
				const session = attention.startDecoding({ batch: 2, heads, headDim: 8 });
				session.append(random(heads, 1), random(heads, 2), random(heads, 3));
				const { position, stateBytes } = session;
				session.dispose();
				return { position, stateBytes };
			});
		expect(after(perHead([window, linear(causal)]), 3)).toEqual({
			position: 70,
			stateBytes: after(window, 2).stateBytes + after(linear(causal), 1).stateBytes,
		});
	});

	const attend = perHead([window, linear(causal)]);
	itRefuses(
		() => device,
		[
			["no mechanisms", () => perHead([]), OptionError, /perHead: mechanisms is empty; expected at least one/],
			[
				"mechanisms of different causality",
				() => perHead([full(), full(causal)]),
				OptionError,
				/perHead: "full" is not causal, "full, causal" is; expected mechanisms of one causality/,
			],
			[
				"fewer heads than mechanisms",
				() => attend(random(1, 1), random(1, 2), random(1, 3)),
				OptionError,
				/perHead: there are 1 heads for 2 mechanisms; expected at least one for each/,
			],
			[
				"functions that make mechanisms",
				() => perHead([full as never]),
				OptionError,
				/mechanisms hold the function full/,
			],
			[
				"keys of more heads than queries",
				() => attend(random(2, 1), random(3, 2), random(3, 3)),
				ShapeError,
				/perHead: argument k has shape/,
			],
			[
				"sessions of fewer heads",
				() => attend.startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/there are 1 heads for 2/,
			],
			[
				"sessions that are not causal",
				() => perHead([full(), full()]).startDecoding({ batch: 1, heads: 2, headDim: 8 }),
				OptionError,
				/startDecoding needs causal: true/,
			],
			[
				"the connectivity of scores and states",
				() => attend.connectivity(70, 2),
				OptionError,
				/perHead: the mechanisms connect in different ways/,
			],
		],
	);
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	add,
	concat,
	type Device,
	forEachPair,
	init,
	intTensor,
	meanNode,
	OptionError,
	ones,
	ShapeError,
	type StarAttentionWeights,
	type StarLayerOptions,
	type StarLayerWeights,
	type StarNodes,
	type StarNormWeights,
	scope,
	setCurrentDevice,
	slice,
	starAttention,
	starRelay,
	starSatellite,
	starTransformerLayer,
	sum,
	type Tensor,
	type TilePlan,
	tensor,
	uniform,
	valueAndGrad,
} from "../../index.js";
import { itRefuses } from "../../testing/refusals.js";
import { expectGradients } from "../../testing/tensor-gradient.js";

let device: Device;
let exact: Device;
beforeAll(async () => {
	exact = await init({ device: "reference" });
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

type Vector = number[];
type Matrix = Vector[];

const random = (shape: number[], seed: number) => add(uniform(shape, { seed }), -0.5);
const rowsOf = (x: Tensor): Matrix => {
	const [values, width] = [Array.from(x.dataSync()), x.shape[x.rank - 1] as number];
	return Array.from({ length: values.length / width }, (_, at) => values.slice(at * width, (at + 1) * width));
};

function expectRows(actual: Matrix, expected: Matrix, tolerance = 2e-6): void {
	expect(actual.length).toBe(expected.length);
	const differences = actual.flatMap((row, i) => row.map((value, j) => Math.abs(value - (expected[i]?.[j] as number))));
	expect(Math.max(...differences)).toBeLessThan(tolerance);
}

const dot = (a: Vector, b: Vector) => a.reduce((total, value, at) => total + value * (b[at] as number), 0);

/** Attention of one query to a list of keys. */
function attend(q: Vector, keys: Matrix, values: Matrix): Vector {
	const weights = keys.map((key) => Math.exp(dot(q, key) / Math.sqrt(q.length)));
	const total = weights.reduce((a, b) => a + b, 0);
	const columns = (values[0] as Vector).map((_, column) => values.map((row) => row[column] as number));
	return columns.map((column) => dot(column, weights) / total);
}

/** The five slots of token i in a list of rows. */
function slots(rows: Matrix, embeddings: Matrix, relay: Vector, i: number, closed: boolean): Matrix {
	const zero = relay.map(() => 0);
	const at = (j: number) => (closed ? rows[(j + rows.length) % rows.length] : (rows[j] ?? zero)) as Vector;
	return [at(i - 1), at(i), at(i + 1), embeddings[i] as Vector, relay];
}

/** Inputs of one batch entry and head. */
const satelliteInputs = (batch: number, length: number) => {
	const make = (rows: number, width: number, seed: number) => random([batch, 1, rows, width], seed);
	return {
		...{ q: make(length, 4, 1), k: make(length, 4, 2), v: make(length, 6, 3) },
		...{ embeddingKeys: make(length, 4, 4), embeddingValues: make(length, 6, 5) },
		...{ relayKey: make(1, 4, 6), relayValue: make(1, 6, 7) },
	};
};

describe("starSatellite", () => {
	it.each(
		(["closed", "zero-padded"] as const).flatMap((ring) => [1, 2, 3, 9].map((length) => [ring, length] as const)),
	)("gathers five slots for each token, ring %s of %i", (ring, length) => {
		scope(() => {
			const inputs = satelliteInputs(2, 9);
			const out = rowsOf(starSatellite({ ...inputs, ring, lengths: [9, length] }));
			const [q, k, v, ke, ve] = [inputs.q, inputs.k, inputs.v, inputs.embeddingKeys, inputs.embeddingValues].map((x) =>
				rowsOf(x).slice(9, 9 + length),
			) as [Matrix, Matrix, Matrix, Matrix, Matrix];
			const [ks, vs] = [rowsOf(inputs.relayKey)[1], rowsOf(inputs.relayValue)[1]] as [Vector, Vector];
			const closed = ring === "closed";
			const expected = q.map((query, i) => attend(query, slots(k, ke, ks, i, closed), slots(v, ve, vs, i, closed)));
			expectRows(out.slice(9, 9 + length), expected);
			expect(
				out
					.slice(9 + length)
					.flat()
					.every((value) => value === 0),
			).toBe(true);
		});
	});

	it("has the gradients of the zero-padded ring, too", () => {
		setCurrentDevice(exact);
		const names = ["q", "k", "v", "embeddingKeys", "embeddingValues", "relayKey", "relayValue"] as const;
		expectGradients(
			exact,
			(...list) =>
				starSatellite({
					...(Object.fromEntries(names.map((name, at) => [name, list[at]])) as Record<(typeof names)[number], Tensor>),
					...({ ring: "zero-padded", lengths: [5, 2] } as const),
				}),
			[
				[2, 1, 5, 4],
				[2, 1, 5, 4],
				[2, 1, 5, 6],
				[2, 1, 5, 4],
				[2, 1, 5, 6],
				[2, 1, 1, 4],
				[2, 1, 1, 6],
			],
		);
		setCurrentDevice(device);
	});

	it("takes memory in proportion to the length, forward and backward", () => {
		const peak = (length: number) =>
			scope(() => {
				const inputs = satelliteInputs(1, length);
				const { liveBytes } = device.memoryStats();
				device.resetPeakMemory();
				valueAndGrad((list: typeof inputs) => sum(starSatellite(list)))(inputs);
				return device.memoryStats().peakBytes - liveBytes;
			});
		expect(peak(40_000)).toBeLessThan(2.05 * peak(20_000));
	});
});

describe("starAttention", () => {
	it("is one step of the relay node and one of the tokens", () => {
		scope(() => {
			const [q, k, v] = [1, 2, 3].map((seed) => random([2, 2, 70, 8], seed)) as [Tensor, Tensor, Tensor];
			const [relayQuery, relayKey, mean] = [meanNode(q), meanNode(k), meanNode(v)];
			const relayValue = starRelay({ q: relayQuery, k, v, relayKey, relayValue: mean });
			const composed = starSatellite({ q, k, v, embeddingKeys: k, embeddingValues: v, relayKey, relayValue });
			expectRows(rowsOf(starAttention()(q, k, v)), rowsOf(composed));
		});
	});

	it("shows a star of which the last node is the relay node", () => {
		const connectivity = starAttention().connectivity(5);
		const [part] = connectivity.kind === "tiles" ? connectivity.parts : [];
		const pairs: string[] = [];
		forEachPair(part?.plans[0] as TilePlan, (i, j) => pairs.push(`${i}${j}`));
		expect(pairs.sort().join(" ")).toBe(
			"00 01 04 05 10 11 12 15 21 22 23 25 32 33 34 35 40 43 44 45 50 51 52 53 54 55",
		);
	});
});

/** The layer by its definition, one batch entry with loops over tokens and heads. */
function layerReference(
	{ nodes, relay, embeddings }: { nodes: Matrix; relay: Vector; embeddings: Matrix },
	weights: StarLayerWeights,
	{ heads, ring = "closed", normalization = "after", activation = "relu" }: StarLayerOptions,
): { nodes: Matrix; relay: Vector } {
	const affine = (x: Vector, weight: Tensor, bias: Tensor): Vector =>
		Array.from(
			bias.dataSync(),
			(shift, column) =>
				shift +
				dot(
					x,
					rowsOf(weight).map((row) => row[column] as number),
				),
		);
	const norm = (x: Vector, { weight, bias }: StarNormWeights): Vector => {
		const mean = x.reduce((a, b) => a + b, 0) / x.length;
		const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / x.length;
		const [factors, shifts] = [weight.dataSync(), bias.dataSync()];
		return x.map(
			(value, at) => ((value - mean) / Math.sqrt(variance + 1e-6)) * (factors[at] as number) + (shifts[at] as number),
		);
	};
	const slope = activation === "relu" ? 0 : 0.01;
	const finish = (x: Vector, weight: StarNormWeights): Vector => {
		const active = x.map((value) => (value > 0 ? value : slope * value));
		return normalization === "after" ? norm(active, weight) : active;
	};
	const step = (x: Vector, context: (make: (row: Vector) => Vector) => Matrix, w: StarAttentionWeights): Vector => {
		const [q, keys, values] = [
			affine(x, w.query, w.queryBias),
			context((row) => affine(row, w.key, w.keyBias)),
			context((row) => affine(row, w.value, w.valueBias)),
		];
		const width = q.length / heads;
		const ofHead = (row: Vector, head: number) => row.slice(head * width, (head + 1) * width);
		const joined = Array.from({ length: heads }, (_, head) =>
			attend(
				ofHead(q, head),
				keys.map((row) => ofHead(row, head)),
				values.map((row) => ofHead(row, head)),
			),
		);
		return affine(joined.flat(), w.output, w.outputBias);
	};
	const own = normalization === "before" ? nodes.map((row) => norm(row, weights.satelliteNorm)) : nodes;
	const newNodes = own.map((row, i) =>
		finish(
			step(
				row,
				(make) => slots(own.map(make), embeddings.map(make), make(relay), i, ring === "closed"),
				weights.satellite,
			),
			weights.satelliteNorm,
		),
	);
	const newRelay = step(relay, (make) => [relay, ...newNodes].map(make), weights.relay);
	return { nodes: newNodes, relay: finish(newRelay, weights.relayNorm) };
}

const paper: StarLayerOptions = { heads: 2 };
const fastNLP: StarLayerOptions = {
	...{ heads: 2, ring: "zero-padded", normalization: "before", activation: "leaky-relu" },
};

/** Weights with every bias and norm in use. */
function drawWeights(options: StarLayerOptions): StarLayerWeights {
	const weights = starTransformerLayer(options).initialize({ dim: 6, headDim: 4, seed: 3 });
	const shifted = <T extends { readonly [name: string]: Tensor }>(group: T, seed: number): T =>
		Object.fromEntries(
			Object.entries(group).map(([name, x], at) => [
				name,
				x.rank === 1 ? add(x, random(x.shape as number[], seed + at)) : x,
			]),
		) as T;
	return {
		satellite: shifted(weights.satellite, 10),
		relay: shifted(weights.relay, 20),
		satelliteNorm: shifted(weights.satelliteNorm, 30),
		relayNorm: shifted(weights.relayNorm, 40),
	};
}

const start = (length: number): StarNodes & { embeddings: Tensor } => ({
	...{ nodes: random([1, length, 6], 1), relay: random([1, 1, 6], 2), embeddings: random([1, length, 6], 3) },
});

describe.each([
	["of the paper", paper],
	["of fastNLP", fastNLP],
])("starTransformerLayer %s", (_, options) => {
	it.each([1, 2, 3, 8])("equals its definition for %i tokens", (length) => {
		scope(() => {
			const [input, weights] = [start(length), drawWeights(options)];
			const { nodes, relay } = starTransformerLayer(options)(input, weights);
			const [relayRow] = rowsOf(input.relay) as [Vector];
			const matrices = { nodes: rowsOf(input.nodes), relay: relayRow, embeddings: rowsOf(input.embeddings) };
			const expected = layerReference(matrices, weights, options);
			expectRows(rowsOf(nodes), expected.nodes, 2e-5);
			expectRows(rowsOf(relay), [expected.relay], 2e-5);
		});
	});

	it("gives an entry padded in a batch what it gives the entry alone", () => {
		scope(() => {
			const [alone, weights] = [start(5), drawWeights(options)];
			const longer = (x: Tensor, fill: number) =>
				concat([concat([x, tensor(new Array(18).fill(fill), [1, 3, 6])], 1), random([1, 8, 6], 9)], 0);
			const layer = starTransformerLayer(options);
			const single = layer({ ...alone, relay: meanNode(alone.embeddings) }, weights);
			const embeddings = longer(alone.embeddings, 7);
			const mask = intTensor(
				Array.from({ length: 16 }, (_, at) => Number(at < 5 || at >= 8)),
				[2, 8],
			);
			const both = layer(
				{ nodes: longer(alone.nodes, -4), relay: meanNode(embeddings, mask), embeddings, lengths: [5, 8] },
				weights,
			);
			expectRows(rowsOf(both.nodes).slice(0, 5), rowsOf(single.nodes), 1e-5);
			expectRows(rowsOf(both.relay).slice(0, 1), rowsOf(single.relay), 1e-5);
			expect(
				rowsOf(both.nodes)
					.slice(5, 8)
					.flat()
					.every((value) => value === 0),
			).toBe(true);
		});
	});
});

describe("starTransformerLayer", () => {
	it("rotates its outputs with the tokens of a closed ring", () => {
		scope(() => {
			const [input, weights] = [start(9), drawWeights(paper)];
			const rotate = (x: Tensor) => concat([slice(x, 1, 4, 9), slice(x, 1, 0, 4)], 1);
			const layer = starTransformerLayer(paper);
			const straight = layer(input, weights);
			const rotated = layer({ ...input, nodes: rotate(input.nodes), embeddings: rotate(input.embeddings) }, weights);
			expectRows(rowsOf(rotated.nodes), rowsOf(rotate(straight.nodes)));
			expectRows(rowsOf(rotated.relay), rowsOf(straight.relay));
		});
	});

	it("has the gradients of all projections", () => {
		setCurrentDevice(exact);
		scope(() => {
			const [input, weights] = [start(4), drawWeights(paper)];
			const names = ["query", "key", "value", "output"] as const;
			const group = (list: Tensor[]) => Object.fromEntries(names.map((name, at) => [name, list[at]]));
			expectGradients(
				exact,
				(...list) => {
					const satellite = { ...weights.satellite, ...group(list.slice(0, 4)) } as StarAttentionWeights;
					const relay = { ...weights.relay, ...group(list.slice(4)) } as StarAttentionWeights;
					const out = starTransformerLayer(paper)(input, { ...weights, satellite, relay });
					return concat([out.nodes, out.relay], 1);
				},
				[0, 1].flatMap(() => [...names.slice(0, 3).map(() => [6, 8]), [8, 6]]),
				1e-6,
			);
		});
		setCurrentDevice(device);
	});
});

describe("the Star-Transformer refuses", () => {
	const q = () => ones([2, 1, 5, 4]);
	const satellite = (change: object | (() => object)) => () =>
		starSatellite({ ...satelliteInputs(2, 5), ...(typeof change === "function" ? change() : change) });
	const layer = (change: () => object) => () =>
		starTransformerLayer(paper)({ ...start(5), ...change() }, drawWeights(paper));
	const options = (change: object) => () => starTransformerLayer({ ...paper, ...change });
	itRefuses(
		() => device,
		[
			[
				"causal: true",
				() => starAttention({ causal: true }),
				OptionError,
				/starAttention: causal is true; the relay node passes every token on.*use slidingWindow/,
			],
			[
				"decoding",
				() => starAttention().startDecoding({ batch: 1, heads: 1, headDim: 4 }),
				OptionError,
				/there is no startDecoding, because the relay node depends on all tokens/,
			],
			[
				"keys of another length",
				() => starAttention()(q(), ones([2, 1, 6, 4]), ones([2, 1, 6, 4])),
				ShapeError,
				/k and v have length 6, q has 5/,
			],
			[
				"lengths of another batch",
				satellite({ lengths: [5] }),
				OptionError,
				/lengths has 1 entries; expected one for each of the 2/,
			],
			["a length of 0", satellite({ lengths: [5, 0] }), OptionError, /lengths is 0; expected an integer of at least 1/],
			[
				"a length beyond the end",
				satellite({ lengths: [6, 5] }),
				OptionError,
				/lengths is 6; expected an integer of .*at most 5/,
			],
			[
				"an unknown ring",
				satellite({ ring: "open" }),
				OptionError,
				/ring is "open"; expected "closed" or "zero-padded"/,
			],
			[
				"a relay node of several rows",
				satellite(() => ({ relayKey: q() })),
				ShapeError,
				/argument relayKey has shape \[2, 1, 5, 4\]; expected \[2, 1, 1, 4\]/,
			],
			[
				"several queries of the relay node",
				() => starRelay({ q: q(), k: q(), v: q(), relayKey: ones([2, 1, 1, 4]), relayValue: ones([2, 1, 1, 4]) }),
				ShapeError,
				/starRelay: argument q has length 5; expected 1, the relay node/,
			],
			["a layer without heads", options({ heads: 0 }), OptionError, /heads is 0; expected an integer of at least 1/],
			[
				"a layer with an unknown ring",
				options({ ring: "open" }),
				OptionError,
				/ring is "open"; expected "closed" or "zero-padded"/,
			],
			["an unknown normalization", options({ normalization: "none" }), OptionError, /normalization is "none"/],
			["an unknown activation", options({ activation: "gelu" }), OptionError, /activation is "gelu"/],
			[
				"a width that does not divide into heads",
				() => starTransformerLayer({ heads: 4 }).initialize({ dim: 6 }),
				OptionError,
				/starTransformerLayer: dim is 6 for 4 heads; expected a multiple of 4, or a headDim beside it/,
			],
			[
				"heads of a fraction",
				() => starTransformerLayer({ heads: 4 }).initialize({ dim: 6, headDim: 1.5 }),
				OptionError,
				/headDim is 1.5; expected an integer/,
			],
			[
				"embeddings of another length",
				layer(() => ({ embeddings: ones([1, 6, 6]) })),
				ShapeError,
				/argument embeddings has shape \[1, 6, 6\]; expected \[1, 5, 6\] to go with nodes/,
			],
		],
	);
});

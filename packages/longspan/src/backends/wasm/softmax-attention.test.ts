import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bandPlan, causalPlan, encodePlans, fullPlan, gatherPlan, type TilePlan } from "../../attention/plan/index.js";
import { positionOf, ruleShows, tileSize } from "../../attention/plan/tile-plan.js";
import { transposeHeadPlans } from "../../attention/plan/transpose.js";
import { integersBetween, normals, uniformStream } from "../../testing/random-values.js";
import type { DeviceBuffer } from "../backend.js";
import { bufferStore } from "./buffer-store.js";
import type { ModuleEngine } from "./module-engine.js";
import { softmaxAttentionKernels } from "./softmax-attention.js";
import { sharesPerHead } from "./softmax-attention-gradient.js";
import { startEngine } from "./start-engine.js";

interface Case {
	/** One for all heads, or one a head of the map. */
	readonly plans: readonly TilePlan[];
	readonly headMap?: readonly number[];
	readonly batch?: number;
	readonly heads?: number;
	readonly headDim?: number;
	readonly valueDim?: number;
	readonly scale?: number;
	readonly keyMask?: readonly number[];
	/** Of q and k. */
	readonly deviation?: number;
	readonly sumGradient?: boolean;
}

const outputNames = ["out", "logSumExp", "dq", "dk", "dv"] as const;
type Results = Record<(typeof outputNames)[number], ArrayLike<number>>;

const engines: ModuleEngine[] = [];

beforeAll(async () => {
	// Fresh memory is NaN everywhere: whatever is read before it was written shows.
	for (const threads of [1, 2, 4]) engines.push((await startEngine({ threads, poison: true }, () => {})).engine);
});

afterAll(() => {
	for (const engine of engines) engine.dispose();
});

function complete(test: Case) {
	const { plans, headMap = [0], batch = 1, heads = 1, headDim = 16, valueDim = headDim, deviation = 1 } = test;
	const { rows: queryLength, columns: keyLength } = plans[0]!;
	const queryRows = batch * heads * queryLength;
	const keyRows = batch * heads * keyLength;
	const random = (length: number, seed: number, spread: number) => Float32Array.from(normals(length, seed, spread));
	return {
		sizes: { batch, heads, queryLength, keyLength, headDim, valueDim },
		headPlans: { plans, headMap },
		scale: Math.fround(test.scale ?? headDim ** -0.5),
		q: random(queryRows * headDim, 1, deviation),
		k: random(keyRows * headDim, 2, deviation),
		v: random(keyRows * valueDim, 3, 1),
		dOut: random(queryRows * valueDim, 4, 1),
		dLogSumExp: test.sumGradient === false ? null : random(queryRows, 5, 1),
		keyMask: test.keyMask ? Int32Array.from(test.keyMask) : null,
		lengths: {
			out: queryRows * valueDim,
			logSumExp: queryRows,
			dq: queryRows * headDim,
			dk: keyRows * headDim,
			dv: keyRows * valueDim,
		},
	};
}

function run(engine: ModuleEngine, test: Case): Results {
	const { sizes, headPlans, scale, lengths, ...inputs } = complete(test);
	const store = bufferStore(engine);
	const kernels = softmaxAttentionKernels(engine);
	const buffers: DeviceBuffer[] = [];
	const create = (dtype: "float32" | "int32", length: number) => {
		const buffer = store.createBuffer(dtype, length);
		buffers.push(buffer);
		return buffer;
	};
	const upload = (values: Float32Array | Int32Array) => {
		const buffer = create(values instanceof Int32Array ? "int32" : "float32", values.length);
		store.write(buffer, values);
		return buffer;
	};
	try {
		const [q, k, v, dOut] = [inputs.q, inputs.k, inputs.v, inputs.dOut].map(upload) as [
			DeviceBuffer,
			DeviceBuffer,
			DeviceBuffer,
			DeviceBuffer,
		];
		const keyMask = inputs.keyMask && upload(inputs.keyMask);
		const dLogSumExp = inputs.dLogSumExp && upload(inputs.dLogSumExp);
		const outputs = Object.fromEntries(
			outputNames.map((name) => [name, upload(new Float32Array(lengths[name]).fill(Number.NaN))]),
		) as Record<keyof Results, DeviceBuffer>;
		const args = { ...sizes, scale, q, k, v, keyMask, plans: encodePlans(headPlans), ...outputs };
		kernels.softmaxAttention(args);
		const transposedPlans = encodePlans(transposeHeadPlans(headPlans));
		kernels.softmaxAttentionGradient({ ...args, transposedPlans, dOut, dLogSumExp });
		return Object.fromEntries(outputNames.map((name) => [name, store.readSync(outputs[name])])) as unknown as Results;
	} finally {
		for (const buffer of buffers) store.destroyBuffer(buffer);
	}
}

/** How often, weights included, every query [rows] counts every key [columns]. */
function multiplicities(plan: TilePlan): Float64Array {
	const counts = new Float64Array(plan.rows * plan.columns);
	plan.runs.forEach((runs, rowTile) => {
		for (const { firstTile, tiles, rule: index } of runs)
			for (let tile = 0; tile < tiles; tile++)
				for (let row = 0; row < tileSize; row++)
					for (let column = 0; column < tileSize; column++) {
						const rule = plan.rules[index]!;
						const r = positionOf(plan.rowOrder, plan.rows, rowTile * tileSize + row);
						const c = positionOf(plan.columnOrder, plan.columns, (firstTile + tile) * tileSize + column);
						if (r < 0 || c < 0 || !ruleShows(rule, row, column, r, c, tile)) continue;
						counts[r * plan.columns + c]! += Math.exp(Math.fround(rule.logWeight ?? 0));
					}
	});
	return counts;
}

/** The definition, densely in float64: p = softmax(scale q·k + log multiplicity), out = p v, and all gradients. */
function define(test: Case): Results {
	const { sizes, headPlans, scale, q, k, v, dOut, dLogSumExp, keyMask, lengths } = complete(test);
	const { batch, heads, queryLength, keyLength, headDim, valueDim } = sizes;
	const results = {} as Record<keyof Results, Float64Array>;
	for (const name of outputNames) results[name] = new Float64Array(lengths[name]);
	const counts = headPlans.plans.map(multiplicities);
	const dot = (width: number, a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) => {
		let sum = 0;
		for (let t = 0; t < width; t++) sum += a[i * width + t]! * b[j * width + t]!;
		return sum;
	};
	const add = (width: number, target: Float64Array, i: number, factor: number, source: ArrayLike<number>, j: number) => {
		for (let t = 0; t < width; t++) target[i * width + t]! += factor * source[j * width + t]!;
	};
	for (let query = 0; query < batch * heads * queryLength; query++) {
		const entry = Math.floor(query / queryLength);
		const count = counts[headPlans.headMap[entry % headPlans.headMap.length]!]!;
		const scores = Array.from({ length: keyLength }, (_, j) => {
			if (keyMask && keyMask[Math.floor(entry / heads) * keyLength + j] === 0) return Number.NEGATIVE_INFINITY;
			const multiplicity = count[(query % queryLength) * keyLength + j]!;
			return scale * dot(headDim, q, query, k, entry * keyLength + j) + Math.log(multiplicity);
		});
		const largest = Math.max(...scores);
		const total = largest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0));
		if (largest === Number.NEGATIVE_INFINITY) {
			results.logSumExp[query] = largest;
			continue;
		}
		results.logSumExp[query] = total;
		const p = scores.map((score) => Math.exp(score - total));
		p.forEach((weight, j) => {
			add(valueDim, results.out, query, weight, v, entry * keyLength + j);
		});
		const mean = dot(valueDim, dOut, query, results.out, query) - (dLogSumExp ? dLogSumExp[query]! : 0);
		p.forEach((weight, j) => {
			const key = entry * keyLength + j;
			const dScore = weight * (dot(valueDim, dOut, query, v, key) - mean) * scale;
			add(valueDim, results.dv, key, weight, dOut, query);
			add(headDim, results.dk, key, dScore, q, query);
			add(headDim, results.dq, query, dScore, k, key);
		});
	}
	return results;
}

/** Largest difference to the definition as a part of the largest value; infinite where only one is finite, or not 0 where it must be. */
function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
	let largest = 1e-3;
	for (let i = 0; i < expected.length; i++)
		if (Math.abs(expected[i]!) < Infinity) largest = Math.max(largest, Math.abs(expected[i]!));
	let worst = 0;
	for (let i = 0; i < expected.length; i++) {
		if (actual[i] === expected[i]) continue;
		const error = expected[i] === 0 && actual[i] !== 0 && !Number.isFinite(actual[i]) ? Infinity : Math.abs(actual[i]! - expected[i]!) / largest;
		worst = Math.max(worst, Number.isFinite(error) ? error : Infinity);
	}
	return worst;
}

function expectRight(test: Case, tolerance = 4e-6): void {
	const expected = define(test);
	const [first, ...others] = engines.map((engine) => run(engine, test));
	for (const name of outputNames) expect(largestError(first![name], expected[name]), name).toBeLessThan(tolerance);
	// The same bits on any number of threads.
	for (const other of others) expect(other).toEqual(first);
}

const band = (n: number, reach: number) => bandPlan({ rows: n, columns: n, minOffset: -reach, maxOffset: reach });
const numbers = (length: number, first = 0, step = 1) => Array.from({ length }, (_, i) => first + i * step);

describe("softmaxAttention and its gradient", () => {
	const lengths = [1, 4, 63, 64, 65, 200];

	it.each(lengths)("agree with the definition at length %i", (n) => {
		expectRight({ plans: [fullPlan(n, n)], heads: 2, headDim: 24 });
		expectRight({ plans: [causalPlan(n)], batch: 2, sumGradient: false });
		expectRight({ plans: [band(n, 17)], valueDim: 7 });
	});

	it.each(lengths)("agree with %i queries and another number of keys", (n) => {
		for (const keys of [1, 70, 130]) {
			expectRight({ plans: [fullPlan(n, keys)] });
			expectRight({ plans: [causalPlan(n, keys)], headDim: 5 });
		}
	});

	it.each([1, 7, 16, 24, 64, 80, 128])("agree for width %i", (width) => {
		expectRight({ plans: [band(130, 40)], headDim: width });
		expectRight({ plans: [fullPlan(70, 65)], headDim: 16, valueDim: width });
		expectRight({ plans: [causalPlan(65)], headDim: width, valueDim: 10 });
	});

	it("agree where every head has a plan of its own", () => {
		const columnList = [...numbers(60, 3), 5, 5, 120];
		const plans = [causalPlan(130), gatherPlan({ rows: 130, columns: 130, columnList }), band(130, 3)];
		expectRight({ plans, headMap: [2, 0, 1], batch: 2, heads: 3 });
		expectRight({ plans, headMap: [2, 0, 1, 1, 1, 0], batch: 3, heads: 2 });
	});

	it("agree where shares of a head meet in the same keys", () => {
		// Nine tiles of keys that all hold the same few: several shares add to one row of dk and dv.
		const columnList = Array.from({ length: 9 * tileSize }, (_, i) => (i * 7) % 50);
		const plan = gatherPlan({ rows: 90, columns: 60, rowList: numbers(45, 0, 2), columnList });
		expect(sharesPerHead(1, 9)).toBeGreaterThan(1);
		expectRight({ plans: [plan] });
	});

	it("agree with key masks", () => {
		expectRight({ plans: [causalPlan(200)], batch: 2, heads: 2, keyMask: integersBetween(400, 6, 0, 2) });
		expectRight({ plans: [fullPlan(3, 200)], keyMask: numbers(200).map((j) => (j < 150 ? 1 : 0)) });
		expectRight({ plans: [band(200, 30)], keyMask: numbers(200).map((j) => (j < 70 || j > 80 ? 1 : 0)) });
	});

	it("give 0 for queries that see nothing and keys that nobody sees", () => {
		const plan = bandPlan({ rows: 200, columns: 200, minOffset: 100 });
		const results = run(engines[1]!, { plans: [plan], headDim: 8 });
		expect(results.logSumExp[99]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
		expect(results.logSumExp[100]).toBe(Number.NEGATIVE_INFINITY);
		for (const name of ["out", "dq"] as const) expect(results[name]).toEqual(Float32Array.from(results[name]).fill(0, 800));
		for (const name of ["dk", "dv"] as const) expect(results[name]).toEqual(Float32Array.from(results[name]).fill(0, 0, 800));
		const hidden = run(engines[1]!, { plans: [fullPlan(70, 70)], keyMask: new Array(70).fill(0) });
		expect(hidden.logSumExp).toEqual(new Float32Array(70).fill(Number.NEGATIVE_INFINITY));
		for (const name of ["out", "dq", "dk", "dv"] as const) expect(hidden[name]).toEqual(new Float32Array(70 * 16));
	});

	it("agree for scores up to 10000, as far as float32 tells them apart", () => {
		const test: Case = { plans: [causalPlan(200)], headDim: 4, scale: 1, deviation: 40 };
		const { q, k } = complete(test);
		const products = numbers(200).map((i) => Math.abs(numbers(4).reduce((sum, t) => sum + q[i * 4 + t]! * k[t]!, 0)));
		expect(Math.max(...products)).toBeGreaterThan(5000);
		expectRight(test, 2e-3);
	});

	it("keep full precision when all scores of a query are far from 0", () => {
		// q·k = ±8192 exactly for every key: the weights are equal whatever the offset.
		for (const sign of [1, -1]) {
			const engine = engines[0]!;
			const store = bufferStore(engine);
			const n = 100;
			const fill = (length: number, value: number) => {
				const buffer = store.createBuffer("float32", length);
				store.write(buffer, new Float32Array(length).fill(value));
				return buffer;
			};
			const v = store.createBuffer("float32", n);
			store.write(v, numbers(n));
			const buffers = { q: fill(1, sign * 64), k: fill(n, 128), v, out: fill(1, Number.NaN), logSumExp: fill(1, Number.NaN) };
			softmaxAttentionKernels(engine).softmaxAttention({
				...{ ...buffers, keyMask: null, plans: encodePlans({ plans: [fullPlan(1, n)], headMap: [0] }), scale: 1 },
				...{ batch: 1, heads: 1, queryLength: 1, keyLength: n, headDim: 1, valueDim: 1 },
			});
			expect(store.readSync(buffers.out)[0]).toBeCloseTo(49.5, 4);
			expect(store.readSync(buffers.logSumExp)[0]).toBeCloseTo(sign * 8192 + Math.log(n), 2);
			for (const buffer of Object.values(buffers)) store.destroyBuffer(buffer);
		}
	});

	it("agree for any plan", () => {
		fc.assert(fc.property(anyCase, (test) => expectRight(test, 1e-5)), { numRuns: 60 });
	});
});

/** A slot order: some positions, shuffled, with empty slots between them. */
function anyOrder(length: number, seed: number, mayRepeat: boolean): Int32Array {
	const next = uniformStream(seed);
	const slots = new Int32Array(Math.ceil((length + 30) / tileSize) * tileSize).fill(-1);
	for (let position = 0; position < length; position++) {
		if (next() < 0.1) continue;
		const slot = Math.floor(next() * slots.length);
		if (slots[slot] === -1) slots[slot] = position;
	}
	if (mayRepeat) for (let i = 0; i < 5; i++) slots[Math.floor(next() * slots.length)] = Math.floor(next() * length);
	return slots;
}

const anyLength = fc.integer({ min: 1, max: 190 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const anyRule = fc.record({
	minOffset: maybe(fc.integer({ min: -150, max: 150 })),
	maxOffset: maybe(fc.integer({ min: -150, max: 150 })),
	modulus: maybe(fc.integer({ min: 1, max: 9 })),
	notSelf: maybe(fc.boolean()),
	bitmapSeed: maybe(fc.nat(1000)),
	logWeight: maybe(fc.double({ min: -1, max: 2, noNaN: true })),
});

const anyPlan = fc
	.record({ rows: anyLength, columns: anyLength, rowSeed: maybe(fc.nat(99)), columnSeed: maybe(fc.nat(99)), rules: fc.array(anyRule, { minLength: 1, maxLength: 4 }), runSeed: fc.nat(1e6) })
	.map(({ rows, columns, rowSeed, columnSeed, rules, runSeed }): TilePlan => {
		const rowOrder = rowSeed === undefined ? null : anyOrder(rows, rowSeed, false);
		const columnOrder = columnSeed === undefined ? null : anyOrder(columns, columnSeed, true);
		const rowTiles = Math.ceil((rowOrder?.length ?? rows) / tileSize);
		const columnTiles = Math.ceil((columnOrder?.length ?? columns) / tileSize);
		const next = uniformStream(runSeed);
		const bitmapOf = (seed: number) => {
			const bits = uniformStream(seed);
			return Uint32Array.from({ length: columnTiles * 2 * tileSize }, () => Math.floor(bits() * 2 ** 32));
		};
		const runs = numbers(rowTiles).map(() => {
			const list = [];
			for (let tile = 0; tile < columnTiles; ) {
				const tiles = Math.min(columnTiles - tile, 1 + Math.floor(next() * 2));
				if (next() < 0.7) list.push({ firstTile: tile, tiles, rule: Math.floor(next() * rules.length) });
				tile += tiles;
			}
			return list;
		});
		const defined = (rule: object) => Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
		return {
			...{ rows, columns, rowOrder, columnOrder, runs },
			rules: rules.map(({ bitmapSeed, ...rule }) =>
				defined({ ...rule, bitmap: bitmapSeed === undefined ? undefined : bitmapOf(bitmapSeed) }),
			),
		};
	});

const anyCase = fc
	.record({ plan: anyPlan, heads: fc.integer({ min: 1, max: 2 }), headDim: fc.integer({ min: 1, max: 20 }), valueDim: fc.integer({ min: 1, max: 20 }), maskSeed: maybe(fc.nat(99)) })
	.map(({ plan, maskSeed, ...sizes }): Case => ({
		...sizes,
		plans: [plan],
		...(maskSeed !== undefined && { keyMask: integersBetween(plan.columns, maskSeed, 0, 3) }),
	}));

describe("work and memory of attention", () => {
	function workOf(test: Case) {
		const engine = engines[1]!;
		engine.resetWork();
		run(engine, test);
		return engine.workStats();
	}

	it("counts the tiles that are visited, forward and backward", () => {
		expect(workOf({ plans: [fullPlan(300, 200)], heads: 3 }).tiles).toBe(2 * 3 * 5 * 4);
		expect(workOf({ plans: [causalPlan(640)] }).tiles).toBe(2 * 55);
		// A tile whose keys are all masked is not visited.
		const keyMask = numbers(200).map((j) => (j < 64 || j >= 128 ? 1 : 0));
		expect(workOf({ plans: [fullPlan(64, 200)], keyMask }).tiles).toBe(2 * 3);
	});

	it("does 2 operations for each product of the pairs it computes", () => {
		const { flops } = workOf({ plans: [fullPlan(64, 128)], headDim: 8, valueDim: 24 });
		expect(flops).toBe(64 * 128 * (2 * (8 + 24) + 6 * 8 + 4 * 24));
	});

	it("computes little more than the pairs that a window shows, also where its edges cut through tiles", () => {
		const [n, reach, width] = [2048, 256, 8];
		const pairs = n * (2 * reach + 1) - reach * (reach + 1);
		const { flops } = workOf({ plans: [band(n, reach)], headDim: width });
		expect(flops / (pairs * width * 14)).toBeLessThan(1.05);
		expect(flops / (pairs * width * 14)).toBeGreaterThanOrEqual(1);
	});

	it("computes a vector of lanes for one query, not a tile", () => {
		const test: Case = { plans: [fullPlan(1, 640)], headDim: 8 };
		const forward = 640 * 4 * 4 * 8;
		const backward = 640 * 10 * 8;
		expect(workOf(test).flops).toBe(forward + backward);
	});

	it("takes no memory that grows with the square of the length", () => {
		const engine = engines[1]!;
		const store = bufferStore(engine);
		const n = 4096;
		const create = (length: number) => store.createBuffer("float32", length);
		const buffers = { q: create(n), k: create(n), v: create(n), out: create(n), logSumExp: create(n) };
		for (const name of ["q", "k", "v"] as const) store.write(buffers[name], new Float32Array(n).fill(1));
		store.resetPeak();
		const { liveBytes } = store.memoryStats();
		softmaxAttentionKernels(engine).softmaxAttention({
			...{ ...buffers, keyMask: null, plans: encodePlans({ plans: [causalPlan(n)], headMap: [0] }), scale: 1 },
			...{ batch: 1, heads: 1, queryLength: n, keyLength: n, headDim: 1, valueDim: 1 },
		});
		expect(store.memoryStats().peakBytes - liveBytes).toBeLessThan(100_000);
		for (const buffer of Object.values(buffers)) store.destroyBuffer(buffer);
	});
});

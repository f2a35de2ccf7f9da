import type { TilePlan } from "../attention/plan/index.js";
import { positionOf, ruleShows, tileSize } from "../attention/plan/tile-plan.js";
import { normals } from "./random-values.js";

/** A call of softmax attention and its gradient, on random values. */
export interface DenseCase {
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

/** What the two kernels write. */
export const outputNames = ["out", "logSumExp", "dq", "dk", "dv"] as const;
export type DenseResults = Record<(typeof outputNames)[number], ArrayLike<number>>;

/** Sizes and inputs of a case. Its lengths are those of its first plan. */
export function completeCase(test: DenseCase) {
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
						counts[r * plan.columns + c]! += Math.exp(rule.logWeight ?? 0);
					}
	});
	return counts;
}

/** The definition, densely in float64: p = softmax(scale q·k + log multiplicity), out = p v, and all gradients. */
export function defineAttention(test: DenseCase): DenseResults {
	const { sizes, headPlans, scale, q, k, v, dOut, dLogSumExp, keyMask, lengths } = completeCase(test);
	const { batch, heads, queryLength, keyLength, headDim, valueDim } = sizes;
	const results = {} as Record<keyof DenseResults, Float64Array>;
	for (const name of outputNames) results[name] = new Float64Array(lengths[name]);
	const counts = headPlans.plans.map(multiplicities);
	const dot = (width: number, a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) => {
		let sum = 0;
		for (let t = 0; t < width; t++) sum += a[i * width + t]! * b[j * width + t]!;
		return sum;
	};
	const add = (
		width: number,
		target: Float64Array,
		i: number,
		factor: number,
		source: ArrayLike<number>,
		j: number,
	) => {
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

/** Largest difference to the definition, as a part of the largest value (at least 0.1); infinite where only one is finite. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
	let largest = 0.1;
	for (let i = 0; i < expected.length; i++)
		if (Math.abs(expected[i]!) < Infinity) largest = Math.max(largest, Math.abs(expected[i]!));
	let worst = 0;
	for (let i = 0; i < expected.length; i++) {
		if (actual[i] === expected[i]) continue;
		const error = Math.abs(actual[i]! - expected[i]!) / largest;
		worst = Math.max(worst, Number.isFinite(error) ? error : Infinity);
	}
	return worst;
}

import fc from "fast-check";
import type { TilePlan } from "../attention/plan/index.js";
import { tileSize } from "../attention/plan/tile-plan.js";
import type { DenseCase } from "./dense-attention.js";
import { integersBetween, uniformStream } from "./random-values.js";

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
	.record({
		rows: anyLength,
		columns: anyLength,
		rowSeed: maybe(fc.nat(99)),
		columnSeed: maybe(fc.nat(99)),
		rules: fc.array(anyRule, { minLength: 1, maxLength: 4 }),
		runSeed: fc.nat(1e6),
	})
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
		const runs = Array.from({ length: rowTiles }, () => {
			const list = [];
			for (let tile = 0; tile < columnTiles; ) {
				const tiles = Math.min(columnTiles - tile, 1 + Math.floor(next() * 2));
				if (next() < 0.7) list.push({ firstTile: tile, tiles, rule: Math.floor(next() * rules.length) });
				tile += tiles;
			}
			return list;
		});
		const defined = (rule: object) =>
			Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
		return {
			...{ rows, columns, rowOrder, columnOrder, runs },
			rules: rules.map(({ bitmapSeed, ...rule }) =>
				defined({ ...rule, bitmap: bitmapSeed === undefined ? undefined : bitmapOf(bitmapSeed) }),
			),
		};
	});

/** Attention over plans of every form: orders with empty slots and repeated keys, all rules, masks. */
export const anyAttention = fc
	.record({
		plan: anyPlan,
		heads: fc.integer({ min: 1, max: 2 }),
		headDim: fc.integer({ min: 1, max: 20 }),
		valueDim: fc.integer({ min: 1, max: 20 }),
		maskSeed: maybe(fc.nat(99)),
	})
	.map(
		({ plan, maskSeed, ...sizes }): DenseCase => ({
			...sizes,
			plans: [plan],
			...(maskSeed !== undefined && { keyMask: integersBetween(plan.columns, maskSeed, 0, 3) }),
		}),
	);

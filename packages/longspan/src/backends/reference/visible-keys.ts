import { doubleFromBits, type EncodedPlans, planWords, ruleFlags, tileSize } from "../backend.js";

/** The keys one query sees, in the order of the plan; a key stands there as often as it counts. */
export interface VisibleKeys {
	readonly positions: readonly number[];
	/** Added to the score of each. */
	readonly logWeights: readonly number[];
}

/** What a walk over a plan is given: lengths of queries and keys, and a test that hides keys from every query. */
export interface PlanWalk {
	readonly plans: EncodedPlans;
	/** batch * heads + head. */
	readonly head: number;
	readonly queryLength: number;
	readonly keyLength: number;
	isHidden(key: number): boolean;
}

/**
 * Visits every query of the plan of one head with the keys it sees, and returns the number of tiles visited. Queries
 * that the plan leaves out are not visited.
 */
export function forEachQuery(walk: PlanWalk, visit: (query: number, keys: VisibleKeys) => void): number {
	const { words } = walk.plans;
	const headMap = words[2]!;
	const planIndex = words[headMap + (walk.head % words[1]!)]!;
	const plan = planWords.header + planIndex * planWords.plan;
	const rowTiles = words[plan]!;
	const rows = words[plan + 2]!;
	const runStart = words[plan + 4]!;
	let tiles = 0;
	for (let tile = 0; tile < rowTiles; tile++) {
		const runs = { first: words[runStart + tile]!, end: words[runStart + tile + 1]! };
		for (let run = runs.first; run < runs.end; run++) tiles += words[words[plan + 5]! + run * planWords.run + 1]!;
		for (let slot = 0; slot < tileSize; slot++) {
			const query = position(words, rows, tile * tileSize + slot, walk.queryLength);
			if (query >= 0) visit(query, keysOf(walk, plan, runs, slot, query));
		}
	}
	return tiles;
}

/** Original position in a slot, -1 for none. */
function position(words: Int32Array, order: number, slot: number, length: number): number {
	if (order !== 0) return words[order + slot]!;
	return slot < length ? slot : -1;
}

function keysOf(
	walk: PlanWalk,
	plan: number,
	runs: { readonly first: number; readonly end: number },
	querySlot: number,
	query: number,
): VisibleKeys {
	const { words } = walk.plans;
	const columns = words[plan + 3]!;
	const positions: number[] = [];
	const logWeights: number[] = [];
	for (let index = runs.first; index < runs.end; index++) {
		const run = words[plan + 5]! + index * planWords.run;
		const firstTile = words[run]!;
		const tileCount = words[run + 1]!;
		const rule = words[plan + 6]! + words[run + 2]! * planWords.rule;
		const logWeight = doubleFromBits(words[rule + 6]!, words[rule + 7]!);
		for (let i = 0; i < tileCount; i++) {
			for (let keySlot = 0; keySlot < tileSize; keySlot++) {
				const key = position(words, columns, (firstTile + i) * tileSize + keySlot, walk.keyLength);
				if (key < 0 || walk.isHidden(key)) continue;
				if (!ruleAllows(words, rule, key - query, i, querySlot, keySlot)) continue;
				positions.push(key);
				logWeights.push(logWeight);
			}
		}
	}
	return { positions, logWeights };
}

/** Whether a rule shows the pair in these slots of the `tile`-th tile of a run; `offset` is key minus query position. */
function ruleAllows(
	words: Int32Array,
	rule: number,
	offset: number,
	tile: number,
	querySlot: number,
	keySlot: number,
): boolean {
	const flags = words[rule]!;
	if (flags & ruleFlags.full) return true;
	if (flags & ruleFlags.notSelf && offset === 0) return false;
	if (offset < words[rule + 1]! || offset > words[rule + 2]!) return false;
	const modulus = words[rule + 3]!;
	if (modulus > 1 && offset % modulus !== 0) return false;
	const bitmap = words[rule + 4]!;
	if (bitmap === 0) return true;
	const word = words[bitmap + tile * planWords.bitmap + querySlot * 2 + (keySlot >> 5)]!;
	return ((word >>> (keySlot & 31)) & 1) === 1;
}

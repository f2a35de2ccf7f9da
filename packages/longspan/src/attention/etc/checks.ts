import { OptionError, ShapeError } from "../../errors.js";
import { checkNumber, checkOperands, checkOptions } from "../../ops/operands.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import { attentionSizes, checkSameLength } from "../sizes.js";
import type { EtcSequence, RelativePositionOptions } from "./options.js";
import type { PairIds } from "./parts.js";
import type { RelativeTables } from "./relative-positions.js";

const name = "etc";

export function refuseCausal(operation: string, causal: boolean | undefined): void {
	if (causal)
		throw new OptionError(
			`${operation}: causal is true; there is no causal form, because global tokens see and are seen by all; use longformer({ causal: true }) or slidingWindow({ causal: true })`,
		);
}

/** Relative positions with all ids settled. */
export interface Positions {
	readonly maxDistance: number;
	readonly ids: PairIds;
}

export function checkPositions(options: RelativePositionOptions): Positions {
	checkOptions(name, options, { maxDistance: true, ownId: true, otherId: true }, "relativePositions");
	const { maxDistance } = options;
	checkNumber(name, "maxDistance", maxDistance, { min: 1, integer: true });
	const { ownId: own = 2 * maxDistance + 1, otherId: other = 2 * maxDistance + 2 } = options;
	checkNumber(name, "ownId", own, { min: 0, integer: true });
	checkNumber(name, "otherId", other, { min: 0, integer: true });
	return { maxDistance, ids: { own, other } };
}

interface Sizes {
	readonly batch: number;
	readonly heads: number;
	readonly headDim: number;
	readonly longLength: number;
	readonly globalLength: number;
}

export function checkSequences(long: EtcSequence, global: EtcSequence): Sizes {
	const own = attentionSizes(`${name}, long`, long.q, long.k, long.v);
	const others = attentionSizes(`${name}, global`, global.q, global.k, global.v);
	checkSameLength(`${name}, long`, own.queryLength, own.keyLength);
	checkSameLength(`${name}, global`, others.queryLength, others.keyLength);
	checkOperands(name, { "long.q": long.q, "global.q": global.q });
	const { batch, heads, headDim, valueDim } = own;
	if (others.batch !== batch || others.heads !== heads || others.headDim !== headDim || others.valueDim !== valueDim)
		throw new ShapeError(
			`${name}: global q and v have shapes ${formatShape(global.q.shape)} and ${formatShape(global.v.shape)}, long ones ${formatShape(long.q.shape)} and ${formatShape(long.v.shape)}; only the lengths may differ`,
		);
	return { batch, heads, headDim, longLength: own.queryLength, globalLength: others.queryLength };
}

export function checkTables(tables: RelativeTables | undefined, positions: Positions | undefined, sizes: Sizes): void {
	if (!tables && !positions) return;
	if (!positions)
		throw new OptionError(`${name}: tables are given without relativePositions; set relativePositions to use them`);
	if (!tables)
		throw new OptionError(`${name}: relativePositions needs tables in the call: embeddings and biases by relative id`);
	const { heads, headDim } = sizes;
	checkOperands(name, { "tables.embeddings": tables.embeddings, "tables.biases": tables.biases });
	const least = Math.max(2 * positions.maxDistance, positions.ids.own, positions.ids.other) + 1;
	const { embeddings, biases } = tables;
	const vocabulary = embeddings.shape[0] ?? 0;
	if (vocabulary < least || !sameShape(embeddings.shape, [vocabulary, heads, headDim]))
		throw new ShapeError(
			`${name}: tables.embeddings has shape ${formatShape(embeddings.shape)}; expected [at least ${least}, ${heads}, ${headDim}] (ids, heads, headDim)`,
		);
	if (!sameShape(biases.shape, [vocabulary, heads]))
		throw new ShapeError(
			`${name}: tables.biases has shape ${formatShape(biases.shape)}; expected [${vocabulary}, ${heads}] (ids, heads)`,
		);
}

export function checkSegments(
	segments: readonly number[] | readonly (readonly number[])[],
	{ batch, longLength, globalLength }: Sizes,
	used: boolean,
): readonly (readonly number[])[] {
	if (!used)
		throw new OptionError(
			`${name}: segments are given without relativePositions; they choose relative ids, and hide nothing`,
		);
	const lists = (segments.some(Array.isArray) ? segments : [segments]) as readonly (readonly number[])[];
	if (lists.length !== 1 && lists.length !== batch)
		throw new OptionError(
			`${name}: segments has ${lists.length} lists; expected one for each of the ${batch} batch entries, or one list for all`,
		);
	for (const list of lists) {
		if (list?.length !== longLength)
			throw new OptionError(
				`${name}: segments has ${list?.length} entries; expected ${longLength}, one for each long token`,
			);
		for (const segment of list)
			if (!Number.isInteger(segment) || segment < -1 || segment >= globalLength)
				throw new OptionError(
					`${name}: segments holds ${segment}; expected 0 to ${globalLength - 1} (a global token) or -1 (none)`,
				);
	}
	return lists;
}

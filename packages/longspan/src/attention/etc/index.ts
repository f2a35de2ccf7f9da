import { OptionError, ShapeError } from "../../errors.js";
import { checkNumber, checkOperands } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { attentionSizes, checkKeyMask, checkSameLength } from "../sizes.js";
import { mergeSoftmax } from "../softmax/merge.js";
import type { SoftmaxResult } from "../softmax/softmax-attention.js";
import { acrossSequences, type PairIds, type PartInputs, withinSequence } from "./parts.js";
import type { RelativeTables } from "./relative-positions.js";

export type { RelativeTables } from "./relative-positions.js";

export interface EtcOptions {
	/** One-sided reach of a long token among the long ones. At least 0; 84 in the paper's base model. */
	radius: number;
	/** Terms of the scores by relative position; a call then gives their tables. Default: none. */
	relativePositions?: RelativePositionOptions;
	/** Factor of the scores. Default: 1 / sqrt(headDim). */
	scale?: number;
	/** There is no causal form: true is refused. */
	causal?: boolean;
}

export interface RelativePositionOptions {
	/** Distance m at which relative positions are cut off: ids 0 (itself), 1..m (right), m + 1..2m (left). At least 1; 12 in the paper. */
	maxDistance: number;
	/** Id of a long token and the global token it belongs to. Default: 2m + 1. */
	ownId?: number;
	/** Id of other pairs of a long and a global token. Default: 2m + 2. */
	otherId?: number;
}

/** Queries, keys and values of one of the two sequences: [batch, heads, length, headDim], values [.., valueDim]. */
export interface EtcSequence {
	readonly q: Tensor;
	readonly k: Tensor;
	readonly v: Tensor;
}

export interface EtcCallOptions {
	/** int32 [batch, long length], 1 for long tokens that take part as keys. Default: all. */
	longMask?: Tensor<"int32"> | undefined;
	/** int32 [batch, global length]. Default: all. */
	globalMask?: Tensor<"int32"> | undefined;
	/** Needed with, and only with, `relativePositions`; the result is differentiable in them. */
	tables?: RelativeTables | undefined;
	/**
	 * For every long token the index of the global token it belongs to (the one of its sentence), -1 for none: one list for all batch
	 * entries or one for each. Default: no token belongs to another.
	 */
	segments?: readonly number[] | readonly (readonly number[])[] | undefined;
}

/** Attention of a long sequence and a sequence of global tokens to each other. */
export interface EtcAttention {
	(
		long: EtcSequence,
		global: EtcSequence,
		options?: EtcCallOptions,
	): {
		/** [batch, heads, long length, valueDim] */
		readonly long: Tensor;
		/** [batch, heads, global length, valueDim] */
		readonly global: Tensor;
	};
	readonly description: string;
}

const name = "etc";

/**
 * Attention with extra global tokens and relative positions (extended transformer construction of BigBird, Zaheer et al. 2020,
 * arXiv 2007.14062, section 2; ETC, Ainslie et al. 2020, arXiv 2004.08483, section 3). A long token has one softmax over the long tokens
 * at most `radius` away and all global ones, a global token one over everything; scores are
 * (q_i·k_j + q_i·e_id + bias_id) · scale with the id of the pair. Time and memory are proportional to the long length.
 *
 * @throws OptionError for options outside their range, `causal`, or tables where there should be none; ShapeError for shapes that do not fit
 * @example
 * const attend = etc({ radius: 84, relativePositions: { maxDistance: 12 } });
 * const { long, global } = attend({ q, k, v }, { q: qg, k: kg, v: vg }, { tables, segments: sentenceOfToken });
 */
export function etc({ radius, relativePositions, scale, causal }: EtcOptions): EtcAttention {
	if (causal)
		throw new OptionError(
			`${name}: causal is true; there is no causal form, because global tokens see and are seen by all; use longformer({ causal: true }) or slidingWindow({ causal: true })`,
		);
	checkNumber(name, "radius", radius, { min: 0, integer: true });
	if (scale !== undefined) checkNumber(name, "scale", scale);
	const positions = relativePositions && checkPositions(relativePositions);
	const attend = (long: EtcSequence, global: EtcSequence, options: EtcCallOptions = {}) => {
		const { longMask, globalMask, tables, segments } = options;
		const sizes = checkSequences(long, global);
		const { batch, headDim, longLength, globalLength } = sizes;
		if (longMask) checkKeyMask(`${name}, longMask`, longMask, { batch, keyLength: longLength });
		if (globalMask) checkKeyMask(`${name}, globalMask`, globalMask, { batch, keyLength: globalLength });
		checkTables(tables, positions, sizes);
		const lists = segments && checkSegments(segments, sizes, positions !== undefined);
		const factor = scale ?? 1 / Math.sqrt(headDim);
		const inputs = ({ q }: EtcSequence, { k, v }: EtcSequence, keyMask: Tensor<"int32"> | undefined): PartInputs => ({
			...{ q, k, v, keyMask, scale: factor, name },
		});
		const relative = positions && tables && { tables, ...positions };
		const belongs = (toKey: boolean) =>
			lists?.map((list) => (i: number, j: number) => (toKey ? list[i] === j : list[j] === i));
		const merged = (parts: () => SoftmaxResult[]) => scope(() => mergeSoftmax(...parts()).output);
		return scope(() => ({
			long: merged(() => [
				...withinSequence(inputs(long, long, longMask), radius, relative),
				...acrossSequences(inputs(long, global, globalMask), relative && { ...relative, belongs: belongs(true) }),
			]),
			global: merged(() => [
				...withinSequence(inputs(global, global, globalMask), globalLength - 1, relative),
				...acrossSequences(inputs(global, long, longMask), relative && { ...relative, belongs: belongs(false) }),
			]),
		}));
	};
	const terms = positions ? `, relative positions up to ${positions.maxDistance}` : "";
	return Object.assign(attend, { description: `etc ±${radius}${terms}` });
}

interface Positions {
	readonly maxDistance: number;
	readonly ids: PairIds;
}

function checkPositions(options: RelativePositionOptions): Positions {
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

function checkSequences(long: EtcSequence, global: EtcSequence): Sizes {
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

function checkTables(tables: RelativeTables | undefined, positions: Positions | undefined, sizes: Sizes): void {
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

function checkSegments(
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

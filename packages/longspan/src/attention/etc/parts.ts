import { add, mul } from "../../ops/arithmetic.js";
import { broadcastTo } from "../../ops/broadcast.js";
import { reshape } from "../../ops/reshape.js";
import { concat, slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { bandPlan, fullPlan } from "../plan/builders.js";
import type { HeadPlans } from "../plan/encode.js";
import { type Pattern, pattern, patternPlan } from "../plan/pattern.js";
import { cachePlans } from "../plan/plan-cache.js";
import { mergeSoftmax } from "../softmax/merge.js";
import { forAllHeads, type SoftmaxResult, softmaxAttention } from "../softmax/softmax-attention.js";
import { type Band, offsetBands } from "./bands.js";
import { type RelativeTables, relativeId, relativeScores, turnRows } from "./relative-positions.js";

/** Queries, keys and values of one attention, which may be of different sequences. */
export interface PartInputs {
	readonly q: Tensor;
	readonly k: Tensor;
	readonly v: Tensor;
	readonly keyMask: Tensor<"int32"> | undefined;
	readonly scale: number;
	/** Name for errors. */
	readonly name: string;
}

/** Ids of pairs that are not of one sequence. */
export interface PairIds {
	/** Of a long token and the global token it belongs to. */
	readonly own: number;
	readonly other: number;
}

const bandOf = cachePlans(
	(length: number, minOffset: number, maxOffset: number) =>
		forAllHeads(bandPlan({ rows: length, columns: length, minOffset, maxOffset })),
	8,
);
const everythingOf = cachePlans((rows: number, columns: number) => forAllHeads(fullPlan(rows, columns)), 8);

function attend({ q, k, v, keyMask, scale, name }: PartInputs, plans: HeadPlans): SoftmaxResult {
	return softmaxAttention(q, k, v, plans, { keyMask, scale }, name);
}

/** The output over the keys of all parts, which are freed. */
export function mergeParts(parts: () => SoftmaxResult[]): Tensor {
	return scope(() => mergeSoftmax(...parts()).output);
}

/** A part all of whose scores have the same term, given for each query before scaling as one column of `scores`. */
function attendWithTerm(inputs: PartInputs, plans: HeadPlans, scores: Tensor, column: number): SoftmaxResult {
	return scope(() => {
		const { output, logSumExp } = attend(inputs, plans);
		const term = reshape(slice(scores, 3, column, column + 1), logSumExp.shape);
		return { output, logSumExp: add(logSumExp, mul(term, inputs.scale)) };
	});
}

/** Attention within a sequence, to the keys at most `radius` away. */
export function withinSequence(
	inputs: PartInputs,
	radius: number,
	relative?: { readonly tables: RelativeTables; readonly maxDistance: number },
): SoftmaxResult[] {
	const length = inputs.q.shape[2] as number;
	const { near, beyond } = offsetBands(length, radius, relative?.maxDistance);
	const plansOf = ([minOffset, maxOffset]: Band) => bandOf(length, minOffset, maxOffset);
	if (!relative) return [attend(inputs, plansOf(near))];
	const { tables, maxDistance } = relative;
	const { q } = inputs;
	const reach = near[1];
	const period = 2 * reach + 1;
	const offsets = Array.from({ length: period }, (_, at) => at - reach);
	const ids = [...offsets.map((offset) => relativeId(offset, maxDistance)), maxDistance, 2 * maxDistance];
	const scores = relativeScores(q, tables, ids);
	const nearPart = scope(() => attend(withOffsetTerms(inputs, slice(scores, 3, 0, period)), plansOf(near)));
	return [nearPart, ...beyond.map((band, side) => attendWithTerm(inputs, plansOf(band), scores, period + side))];
}

/**
 * Queries and keys with further components whose products add a term to each score that depends on the query and on the offset of the
 * key: a key names its position modulo the number of offsets, a query holds its terms in that order.
 *
 * @param terms [batch, heads, length, offsets], from the leftmost offset to the rightmost
 */
function withOffsetTerms(inputs: PartInputs, terms: Tensor): PartInputs {
	const { q, k } = inputs;
	const [length, period] = terms.shape.slice(2) as [number, number];
	const names = new Float32Array(length * period);
	for (let j = 0; j < length; j++) names[j * period + (j % period)] = 1;
	const named = broadcastTo(tensor(names, [length, period], k.device), terms.shape);
	return { ...inputs, q: concat([q, turnRows(terms)], 3), k: concat([k, named], 3) };
}

/**
 * Attention to all tokens of the other sequence.
 *
 * @param belongs for all batch entries or for each: whether query i and key j belong together
 */
export function acrossSequences(
	inputs: PartInputs,
	relative?: {
		readonly tables: RelativeTables;
		readonly ids: PairIds;
		readonly belongs: readonly ((i: number, j: number) => boolean)[] | undefined;
	},
): SoftmaxResult[] {
	const { q, k } = inputs;
	const [heads, rows, columns] = [q.shape[1], q.shape[2], k.shape[2]] as [number, number, number];
	const everything = everythingOf(rows, columns);
	if (!relative) return [attend(inputs, everything)];
	const { tables, ids, belongs } = relative;
	const scores = relativeScores(q, tables, [ids.own, ids.other]);
	if (!belongs) return [attendWithTerm(inputs, everything, scores, 1)];
	const plansOf = (part: (together: Pattern) => Pattern): HeadPlans => ({
		plans: belongs.map((test) => patternPlan(rows, columns, part(pattern(test)))),
		headMap: belongs.length === 1 ? [0] : belongs.flatMap((_, entry) => new Array<number>(heads).fill(entry)),
	});
	return [
		attendWithTerm(
			inputs,
			plansOf((together) => together),
			scores,
			0,
		),
		attendWithTerm(
			inputs,
			plansOf((together) => together.not()),
			scores,
			1,
		),
	];
}

import type { AttentionSizes } from "../../backends/backend.js";
import { OptionError, ShapeError } from "../../errors.js";
import { add } from "../../ops/arithmetic.js";
import { checkFlag, checkNumber, checkOperands, checkOptions, type OptionNames } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkDecodable } from "../decoding.js";
import { defineAttention } from "../define-attention.js";
import type { AttendOptions, Attention } from "../mechanism.js";
import type { HeadPlans } from "../plan/encode.js";
import { attentionSizes, checkSameLength } from "../sizes.js";
import { checkDilationHeads, checkDilationLength, checkDilations } from "../sliding-window/dilations.js";
import { softmaxCost } from "../softmax/cost.js";
import { softmaxAttention } from "../softmax/softmax-attention.js";
import { startLongformerDecoding } from "./decoding.js";
import { checkGlobalRows, putGlobalRows } from "./global-rows.js";
import { checkGlobals, type GlobalTokens, globalsOfCall } from "./globals.js";
import { plansOfPattern, type Rows } from "./head-plans.js";

export type { GlobalTokens } from "./globals.js";

export interface LongformerOptions {
	/** One-sided reach: a query sees `window` keys before it, itself, and `window` keys after it unless causal. At least 0. */
	window?: number;
	/** Two-sided window of a checkpoint, even: a reach of half of it. Give either this or `window`. */
	attentionWindow?: number;
	/** Distance between the keys of the window, one for all heads or one per head. At least 1, default 1: neighbours. */
	dilation?: number | readonly number[];
	/** Positions of the tokens that see and are seen by all. Default: none. */
	globalTokens?: readonly number[];
	/** Each query sees the keys up to its own position only, global ones too. Default: false. */
	causal?: boolean;
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
}

export const longformerOptionNames: OptionNames<LongformerOptions> = {
	window: true,
	attentionWindow: true,
	dilation: true,
	globalTokens: true,
	causal: true,
	scale: true,
};

/** Queries, keys and values of the rows of global tokens, for all positions. */
export interface GlobalProjections {
	/** [batch, heads, length, headDim]; only the rows of global tokens are read. */
	readonly q: Tensor;
	/** [batch, heads, length, headDim] */
	readonly k: Tensor;
	/** [batch, heads, length, valueDim] */
	readonly v: Tensor;
}

export interface LongformerCallOptions extends AttendOptions {
	/** Global tokens of this call in place of those the mechanism was made with; one list for all batch entries or one for each. */
	globalTokens?: GlobalTokens | undefined;
	/** What the rows of global tokens use in place of q, k and v. Default: q, k and v. */
	globalProjections?: GlobalProjections | undefined;
	/**
	 * The outputs of the rows of global tokens, worked out by the caller: [batch, heads, count, valueDim] in the order of their positions,
	 * count that of the batch entry that has most; further rows of other entries are not read. Give either this or `globalProjections`.
	 */
	globalRows?: Tensor | undefined;
}

const name = "longformer";

/**
 * Softmax attention to a window around each query and to a few global tokens, which themselves see every key (Longformer,
 * Beltagy et al. 2020, arXiv 2004.05150, sections 3.1 and 3.2). Time and memory are proportional to the length.
 *
 * A query that is not global sees, in one softmax, the keys with |i - j| <= window * dilation (i - j a multiple of dilation)
 * and the global keys, each once. A global query sees all keys, through `globalProjections` if given.
 *
 * @throws OptionError for both or none of `window` and `attentionWindow`, an odd `attentionWindow`, dilations that do not fit, or
 * global tokens outside of the sequence or named twice; ShapeError for projections of another shape
 * @example
 * const attend = longformer({ attentionWindow: 512 });
 * const out = attend(q, k, v, { keyMask, globalTokens: [0], globalProjections: { q: qg, k: kg, v: vg } });
 */
export function longformer(options: LongformerOptions): Attention<LongformerCallOptions> {
	checkOptions(name, options, longformerOptionNames);
	const { dilation = 1, globalTokens = [], causal = false, scale } = options;
	const window = reachOf(options);
	checkFlag(name, "causal", causal);
	if (scale !== undefined) checkNumber(name, "scale", scale);
	const dilations = checkDilations(name, dilation);
	const own = checkGlobals(name, globalTokens);
	if (own.length !== 1 || globalTokens.some(Array.isArray))
		throw new OptionError(`${name}: globalTokens holds lists; those of each batch entry are an option of the call`);

	const plansFor = plansOfPattern({ window, causal, dilations });
	const shared = (length: number, heads = 1) => {
		checkDilationLength(name, { window, dilations }, length);
		return plansFor("all", heads, length, globalsOfCall(name, own, 1, length));
	};

	const attend = (q: Tensor, k: Tensor, v: Tensor, call: Partial<LongformerCallOptions>): Tensor => {
		const { keyMask, globalTokens: given, globalProjections, globalRows } = call;
		const lists = given ? checkGlobals(name, given) : own;
		const plans =
			(rows: Rows) =>
			({ batch, heads, queryLength, keyLength }: AttentionSizes): HeadPlans => {
				checkSameLength(name, queryLength, keyLength);
				checkDilationHeads(name, dilations, heads);
				checkDilationLength(name, { window, dilations }, queryLength);
				return plansFor(rows, heads, queryLength, globalsOfCall(name, lists, batch, queryLength));
			};
		const run = (queries: Tensor, keys: Tensor, values: Tensor, rows: Rows) =>
			softmaxAttention(queries, keys, values, plans(rows), { keyMask, scale }, name).output;
		if (globalProjections && globalRows)
			throw new OptionError(`${name}: globalProjections and globalRows are both given; expected one of them`);
		if (globalRows) {
			attentionSizes(name, q, k, v);
			checkGlobalRows(name, globalRows, v, lists);
			return scope(() => putGlobalRows(run(q, k, v, "local"), globalRows, lists));
		}
		if (globalProjections) checkProjections(q, k, v, globalProjections);
		if (!globalProjections || lists.every((list) => list.length === 0)) return scope(() => run(q, k, v, "all"));
		// Each part leaves the rows of the other 0.
		return scope(() => {
			const local = run(q, k, v, "local");
			return add(local, run(globalProjections.q, globalProjections.k, globalProjections.v, "global"));
		});
	};

	const count = own[0]?.length ?? 0;
	return defineAttention<LongformerCallOptions>(
		attend,
		{
			description: `longformer ±${window}${dilations.some((step) => step > 1) ? ` dilation ${dilations.join("/")}` : ""}${count > 0 ? `, ${count} global` : ""}${causal ? ", causal" : ""}`,
			causal,
			cost: (length, sizes = {}) => softmaxCost(shared(length, sizes.heads), length, sizes),
			connectivity: (length, heads) => ({ kind: "tiles", parts: [shared(length, heads)] }),
			startDecoding: (sizes) => {
				checkDecodable(name, causal);
				checkDilationHeads(name, dilations, sizes.heads);
				const [globals = []] = own;
				return startLongformerDecoding(sizes, {
					...{ window, causal, dilations, scale, globals },
					plansOf: (length, present) => plansFor("all", sizes.heads, length, [present]),
				});
			},
		},
		{ globalTokens: true, globalProjections: true, globalRows: true },
	);
}

/** The one-sided reach, from either way of giving it. */
function reachOf({ window, attentionWindow }: LongformerOptions): number {
	if (window !== undefined && attentionWindow !== undefined)
		throw new OptionError(
			`${name}: window ${window} and attentionWindow ${attentionWindow} are both given; expected window (one-sided) or attentionWindow (two-sided)`,
		);
	if (attentionWindow === undefined) {
		checkNumber(name, "window", window as number, { min: 0, integer: true });
		return window as number;
	}
	checkNumber(name, "attentionWindow", attentionWindow, { min: 0, integer: true });
	if (attentionWindow % 2 !== 0)
		throw new OptionError(
			`${name}: attentionWindow is ${attentionWindow}; expected an even number, half on each side; for a reach of ${attentionWindow} on each side use window: ${attentionWindow}`,
		);
	return attentionWindow / 2;
}

function checkProjections(q: Tensor, k: Tensor, v: Tensor, projections: GlobalProjections): void {
	attentionSizes(name, q, k, v);
	const { q: qg, k: kg, v: vg } = projections;
	checkOperands(name, { q, "globalProjections.q": qg, "globalProjections.k": kg, "globalProjections.v": vg });
	for (const [argument, given, like] of [
		["q", qg, q],
		["k", kg, k],
		["v", vg, v],
	] as const)
		if (!sameShape(given.shape, like.shape))
			throw new ShapeError(
				`${name}: globalProjections.${argument} has shape ${formatShape(given.shape)}; expected ${formatShape(like.shape)}, that of ${argument}`,
			);
}

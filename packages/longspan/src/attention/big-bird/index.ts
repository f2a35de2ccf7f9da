import type { AttentionSizes } from "../../backends/backend.js";
import { OptionError } from "../../errors.js";
import { checkChoice, checkFlag, checkNumber, checkOptions, type OptionNames } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { defineAttention } from "../define-attention.js";
import type { AttendOptions, Attention } from "../mechanism.js";
import { fullPlan } from "../plan/builders.js";
import type { HeadPlans } from "../plan/encode.js";
import { cachePlans } from "../plan/plan-cache.js";
import { checkSameLength } from "../sizes.js";
import { softmaxCost } from "../softmax/cost.js";
import { forAllHeads, softmaxAttention } from "../softmax/softmax-attention.js";
import { BlockLayout } from "./layout.js";
import { bigBirdPlans } from "./plans.js";
import { checkTable, type RandomTable, unbiasedTable, zeroTable } from "./random-blocks.js";
import { releasedTable } from "./released-blocks.js";

export type { RandomTable } from "./random-blocks.js";

export interface BigBirdOptions {
	/** Tokens in a block. Default: 64. */
	blockSize?: number;
	/** Random key blocks of each query block. Default: 3. */
	randomBlocks?: number;
	/** Key blocks around a query block with its own one, an odd number. Default: 3. */
	windowBlocks?: number;
	/** Blocks that see and are seen by all: the first half of them at the start, the others at the end. Default: 2, first and last. */
	globalBlocks?: number;
	/**
	 * How random blocks are drawn. "unbiased" (default): different ones outside of the window, all sets with the same probability.
	 * "released": as the code of the released checkpoints draws them, which needs windowBlocks 3 and globalBlocks 2.
	 */
	random?: "unbiased" | "released";
	/** Seed of the random blocks; the index of the layer in released models. Default: 0. */
	seed?: number;
	/**
	 * Random blocks of calls without `training`. "seeded" (default): those that were drawn. "zeros": the first block in place of each, so
	 * that it counts 1 + randomBlocks times; what the Hugging Face implementation computes outside of training.
	 */
	evalRandom?: "seeded" | "zeros";
	/** For "released": length that the tables of `tableLengths` are drawn for. Default: 4096. */
	maxLength?: number;
	/** For "released": lengths that use such a table. Default: 1024, 2048, 3072 and 4096. */
	tableLengths?: readonly number[];
	/**
	 * Sequences shorter than this run as full attention, each call for itself; 0: none. Default: (5 + 2 randomBlocks) blockSize + 1, as
	 * in released models.
	 */
	fullBelow?: number;
	/** Factor of q·k. Default: 1 / sqrt(headDim). */
	scale?: number;
	/** Must be false, the default: there is no causal form, because tokens of the global blocks see all. */
	causal?: boolean;
}

export interface BigBirdCallOptions extends AttendOptions {
	/** Whether the call is part of training; matters for evalRandom "zeros" alone. Default: false. */
	training?: boolean | undefined;
	/** Random blocks of this call in place of drawn ones: [heads][blocks that are not global][any number]. */
	randomTable?: RandomTable | undefined;
}

/** Options of `bigBird` with which it computes what an implementation computes. */
export const bigBirdPresets = {
	/** The code of the paper: the same random blocks in training and evaluation. */
	google: { random: "released", evalRandom: "seeded", tableLengths: [1024, 2048, 3072, 4096] },
	/** Hugging Face transformers; `maxLength` is max_position_embeddings. */
	huggingFace: { random: "released", evalRandom: "zeros", tableLengths: [1024, 3072, 4096] },
} as const satisfies Record<string, BigBirdOptions>;

const name = "bigBird";
const optionNames: OptionNames<BigBirdOptions> = {
	blockSize: true,
	randomBlocks: true,
	windowBlocks: true,
	globalBlocks: true,
	random: true,
	seed: true,
	evalRandom: true,
	maxLength: true,
	tableLengths: true,
	fullBelow: true,
	scale: true,
	causal: true,
};

/**
 * Block-sparse softmax attention: every block of queries sees the blocks around it, a few global blocks and a few random ones (BigBird,
 * internal transformer construction; Zaheer et al. 2020, arXiv 2007.14062, section 2 and appendix D). Time and memory are
 * proportional to the length. A block that a row of random blocks repeats counts as often as it is named.
 *
 * @throws OptionError for options outside their range, `causal`, too few blocks, or a table that does not fit
 * @example
 * const attend = bigBird({ ...bigBirdPresets.huggingFace, seed: layer });
 * const out = attend(q, k, v, { keyMask });
 */
export function bigBird(options: BigBirdOptions = {}): Attention<BigBirdCallOptions> {
	const settings = settingsOf(options);
	const { blockSize, randomBlocks, windowBlocks, globalBlocks, evalRandom, fullBelow, scale } = settings;
	const layoutOf = (length: number): BlockLayout => {
		const layout = new BlockLayout(length, blockSize, windowBlocks, globalBlocks);
		if (layout.blocks < windowBlocks + globalBlocks)
			throw new OptionError(
				`${name}: length ${length} has ${layout.blocks} blocks of ${blockSize}; expected at least ${windowBlocks + globalBlocks} (window and global ones); use a smaller blockSize, or a fullBelow above ${length}`,
			);
		return layout;
	};
	const plansOf = cachePlans((length: number, heads: number, zeros: number) => {
		if (length < fullBelow) return forAllHeads(fullPlan(length, length));
		const layout = layoutOf(length);
		return bigBirdPlans(layout, zeros ? zeroTable(layout, heads, randomBlocks) : drawTable(layout, heads, settings));
	});
	const drawnPlans = (length: number, heads = 1, training = false): HeadPlans =>
		plansOf(length, heads, Number(evalRandom === "zeros" && !training));
	const givenPlans = new WeakMap<RandomTable, Map<number, HeadPlans>>();
	const plansOfTable = (table: RandomTable, length: number, heads: number): HeadPlans => {
		if (length < fullBelow) return drawnPlans(length, heads);
		const layout = layoutOf(length);
		checkTable(name, table, layout, heads);
		const known = givenPlans.get(table) ?? new Map<number, HeadPlans>();
		givenPlans.set(table, known);
		const plans = known.get(length) ?? bigBirdPlans(layout, table);
		known.set(length, plans);
		return plans;
	};
	return defineAttention<BigBirdCallOptions>(
		(q, k, v, { keyMask, training, randomTable }) => {
			if (training !== undefined) checkFlag(name, "training", training);
			const plans = ({ heads, queryLength, keyLength }: AttentionSizes) => {
				checkSameLength(name, queryLength, keyLength);
				return randomTable ? plansOfTable(randomTable, queryLength, heads) : drawnPlans(queryLength, heads, training);
			};
			return scope(() => softmaxAttention(q, k, v, plans, { keyMask, scale }, name).output);
		},
		{
			description: `bigbird blocks of ${blockSize}: ${windowBlocks} window, ${globalBlocks} global, ${randomBlocks} random${evalRandom === "zeros" ? " (evaluation: block 0)" : ""}`,
			causal: false,
			cost: (length, sizes = {}) => softmaxCost(drawnPlans(length, sizes.heads), length, sizes),
			connectivity: (length, heads) => ({ kind: "tiles", parts: [drawnPlans(length, heads)] }),
			startDecoding: () => {
				throw new OptionError(
					`${name}: there is no decoding, because tokens of the global blocks see those that follow; use longformer({ causal: true }) or slidingWindow({ causal: true })`,
				);
			},
		},
		{ training: true, randomTable: true },
	);
}

type Settings = Required<Omit<BigBirdOptions, "scale" | "causal">> & { readonly scale: number | undefined };

function drawTable(layout: BlockLayout, heads: number, settings: Settings): RandomTable {
	const { random, randomBlocks, seed } = settings;
	if (random === "unbiased") return unbiasedTable(layout, heads, randomBlocks, seed);
	return releasedTable({ ...settings, heads, blocks: layout.blocks });
}

function settingsOf(options: BigBirdOptions): Settings {
	checkOptions(name, options, optionNames);
	const { blockSize = 64, randomBlocks = 3, windowBlocks = 3, globalBlocks = 2, seed = 0, maxLength = 4096 } = options;
	const { random = "unbiased", evalRandom = "seeded", tableLengths = [1024, 2048, 3072, 4096], scale } = options;
	if (options.causal)
		throw new OptionError(
			`${name}: causal is true; there is no causal form, because tokens of the global blocks see and are seen by all; use longformer({ causal: true }) or slidingWindow({ causal: true })`,
		);
	for (const [option, value, min] of [
		["blockSize", blockSize, 1],
		["randomBlocks", randomBlocks, 0],
		["windowBlocks", windowBlocks, 1],
		["globalBlocks", globalBlocks, 0],
		["seed", seed, 0],
		["maxLength", maxLength, 1],
	] as const)
		checkNumber(name, option, value, { min, max: 2 ** 32 - 1, integer: true });
	checkTableLengths(tableLengths);
	const { fullBelow = (5 + 2 * randomBlocks) * blockSize + 1 } = options;
	checkNumber(name, "fullBelow", fullBelow, { min: 0, integer: true });
	if (scale !== undefined) checkNumber(name, "scale", scale);
	if (windowBlocks % 2 === 0)
		throw new OptionError(
			`${name}: windowBlocks is ${windowBlocks}; expected an odd number, the block of the query and as many on each side`,
		);
	checkChoice(name, "random", random, ["unbiased", "released"]);
	checkChoice(name, "evalRandom", evalRandom, ["seeded", "zeros"]);
	if (random === "released" && (windowBlocks !== 3 || globalBlocks !== 2))
		throw new OptionError(
			`${name}: random is "released" with windowBlocks ${windowBlocks} and globalBlocks ${globalBlocks}; expected 3 and 2, the only ones of the released code, or random: "unbiased"`,
		);
	return {
		...{ blockSize, randomBlocks, windowBlocks, globalBlocks, random, seed },
		...{ evalRandom, maxLength, tableLengths, fullBelow, scale },
	};
}

function checkTableLengths(lengths: readonly number[]): void {
	if (!Array.isArray(lengths))
		throw new OptionError(`${name}: tableLengths is ${String(lengths)}; expected a list of lengths, [] for none`);
	for (const length of lengths) checkNumber(name, "tableLengths: a length", length, { min: 1, integer: true });
}

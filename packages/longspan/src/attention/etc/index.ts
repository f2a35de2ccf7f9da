import { checkNumber, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Connectivity, Cost, CostSizes } from "../mechanism.js";
import { checkKeyMask } from "../sizes.js";
import { checkPositions, checkSegments, checkSequences, checkTables, refuseCausal } from "./checks.js";
import { etcConnectivity } from "./connectivity.js";
import { etcCost } from "./cost.js";
import type { EtcCallOptions, EtcOptions, EtcSequence } from "./options.js";
import { acrossSequences, mergeParts, type PartInputs, withinSequence } from "./parts.js";

export { type EtcAttentionOptions, etcAttention } from "./drop-in.js";
export type { EtcCallOptions, EtcOptions, EtcSequence, RelativePositionOptions } from "./options.js";
export type { RelativeTables } from "./relative-positions.js";

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
	/**
	 * Cost of one call over a long and a global sequence, without `segments` (which split the parts between the two in two). `tiles` and
	 * `flops` are of both outputs.
	 */
	cost(longLength: number, globalLength: number, sizes?: CostSizes): Cost;
	/** Who sees whom, as one sequence in which the global tokens follow the long ones. */
	connectivity(longLength: number, globalLength: number): Connectivity;
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
export function etc(options: EtcOptions): EtcAttention {
	checkOptions(name, options, { radius: true, relativePositions: true, scale: true, causal: true });
	const { radius, relativePositions, scale, causal } = options;
	refuseCausal(name, causal);
	checkNumber(name, "radius", radius, { min: 0, integer: true });
	if (scale !== undefined) checkNumber(name, "scale", scale);
	const positions = relativePositions && checkPositions(relativePositions);
	const attend = (long: EtcSequence, global: EtcSequence, call: EtcCallOptions = {}) => {
		checkOptions(`call of ${name}`, call, { longMask: true, globalMask: true, tables: true, segments: true });
		const { longMask, globalMask, tables, segments } = call;
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
		return scope(() => ({
			long: mergeParts(() => [
				...withinSequence(inputs(long, long, longMask), radius, relative),
				...acrossSequences(inputs(long, global, globalMask), relative && { ...relative, belongs: belongs(true) }),
			]),
			global: mergeParts(() => [
				...withinSequence(inputs(global, global, globalMask), globalLength - 1, relative),
				...acrossSequences(inputs(global, long, longMask), relative && { ...relative, belongs: belongs(false) }),
			]),
		}));
	};
	const terms = positions ? `, relative positions up to ${positions.maxDistance}` : "";
	const checkLengths = (longLength: number, globalLength: number) => {
		for (const [length, value] of Object.entries({ longLength, globalLength }))
			checkNumber(name, length, value, { min: 1, integer: true });
	};
	return Object.assign(attend, {
		description: `etc ±${radius}${terms}`,
		cost(longLength: number, globalLength: number, sizes: CostSizes = {}) {
			checkLengths(longLength, globalLength);
			return etcCost({ radius, maxDistance: positions?.maxDistance }, longLength, globalLength, sizes);
		},
		connectivity(longLength: number, globalLength: number): Connectivity {
			checkLengths(longLength, globalLength);
			return etcConnectivity(radius, longLength, globalLength);
		},
	});
}

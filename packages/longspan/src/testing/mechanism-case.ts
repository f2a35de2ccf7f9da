import type { AttendOptions, Attention } from "../attention/mechanism.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

export interface CaseSizes {
	readonly batch: number;
	readonly heads: number;
	readonly queries: number;
	readonly keys: number;
	readonly headDim: number;
	readonly valueDim: number;
}

/** Further inputs of a mechanism, by name. */
export type ExtraInputs = { readonly [name: string]: Tensor };

/** A mechanism with options, and its dense definition. */
export interface MechanismCase {
	readonly name: string;
	readonly attend: Attention;
	/** Of a mechanism that shares queries and keys, `q` and `k` are the same tensor. */
	readonly reference: (
		q: Tensor,
		k: Tensor,
		v: Tensor,
		keyMask: Tensor<"int32"> | undefined,
		extra: ExtraInputs,
	) => Tensor;
	/** Shapes of inputs besides q, k and v (weights, projections), whose gradients are compared, too. */
	readonly extraInputs?: (sizes: CaseSizes) => { readonly [name: string]: Shape };
	/** Options of the call made from the further inputs. */
	readonly options?: (extra: ExtraInputs) => AttendOptions;
	/** Whether queries and keys may differ in length. */
	readonly cross: boolean;
	/** Number of heads the options are for; default: any. */
	readonly heads?: number;
	/** Shortest length the options make sense for. Default: 1. */
	readonly minLength?: number;
	/** Longest length the options are for. Default: any. */
	readonly maxLength?: number;
	/** False if a query sees something even where every key is masked. Default: true. */
	readonly zeroWithoutKeys?: boolean;
	/** False if a later query or key may change which earlier keys are seen; later values never do. Default: true. */
	readonly causalInKeys?: boolean;
	/** True if the data decides which tiles are visited, at most those of the predicted cost. Default: false. */
	readonly tilesDependOnData?: boolean;
	/** False if tokens that arrive one by one follow a rule of their own (tested beside the mechanism). Default: true. */
	readonly decodesExactly?: boolean;
}

/** Options of one call of a case. */
export function callOptions(
	test: MechanismCase,
	keyMask: Tensor<"int32"> | undefined,
	extra: ExtraInputs,
): AttendOptions {
	return { keyMask, ...test.options?.(extra) };
}

/** Whether a case is defined for these lengths and heads. */
export function appliesTo(
	{ cross, heads, minLength = 1, maxLength = Number.POSITIVE_INFINITY }: MechanismCase,
	sizes: Pick<CaseSizes, "heads" | "queries" | "keys">,
): boolean {
	return (
		(cross || sizes.queries === sizes.keys) &&
		(heads === undefined || heads === sizes.heads) &&
		sizes.queries >= minLength &&
		Math.max(sizes.queries, sizes.keys) <= maxLength
	);
}

import { full } from "../../attention/full/index.js";
import type { LongformerCallOptions } from "../../attention/longformer/index.js";
import type { Attention } from "../../attention/mechanism.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { splitHeads } from "../layers/heads.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import { declareSelfAttention, selfAttention } from "../layers/self-attention.js";
import { zeroPadding } from "../layers/zero-padding.js";
import type { Loaded } from "../parameters/declare.js";
import { attendAbsorbed, isAbsorbedCheaper } from "./absorbed-projections.js";
import { type GlobalTokensOfCall, rowsOfGlobals } from "./global-tokens.js";

/** Projections of Longformer self-attention called `name` in the checkpoint: those of the window, and those of global tokens. */
export function declareLongformerSelfAttention(name: string, dim: number) {
	return {
		...declareSelfAttention(name, dim),
		queryGlobal: declareLinear(`${name}.query_global`, dim, dim),
		keyGlobal: declareLinear(`${name}.key_global`, dim, dim),
		valueGlobal: declareLinear(`${name}.value_global`, dim, dim),
	};
}

export type LongformerSelfAttentionParameters = Loaded<ReturnType<typeof declareLongformerSelfAttention>>;

export interface LongformerSelfAttentionOptions {
	readonly heads: number;
	/** `longformer({ attentionWindow })` of the layer; layers of one window should share it, so that they share its plans. */
	readonly attend: Attention<LongformerCallOptions>;
	/** int32 [batch, length], 1 for tokens, 0 for padding. Default: all are tokens. */
	readonly keyMask?: Tensor<"int32"> | undefined;
	/** What `globalTokensOf` returned. Default: none. */
	readonly globals?: GlobalTokensOfCall | undefined;
}

const attendAll = full();

/**
 * Longformer self-attention up to the projection of its output (Beltagy et al. 2020, arXiv 2004.05150, sections 3.1 and 3.2). Only
 * the rows of global tokens are projected by `queryGlobal`, and nothing by `keyGlobal` and `valueGlobal` if there are few of them.
 * Tokens of padding get 0.
 *
 * @param x [batch, length, dim]
 * @returns [batch, length, dim]
 */
export function longformerSelfAttention(
	parameters: LongformerSelfAttentionParameters,
	x: Tensor,
	options: LongformerSelfAttentionOptions,
): Tensor {
	const { heads, attend, keyMask, globals } = options;
	return scope(() => {
		const given = globals && {
			globalTokens: globals.lists,
			globalRows: attendFromGlobals(parameters, x, globals, heads, keyMask),
		};
		const attended = selfAttention(parameters, x, heads, (q, k, v) => attend(q, k, v, { keyMask, ...given }));
		return zeroPadding(attended, keyMask);
	});
}

/** What global tokens attend to, [batch, heads, count, headDim]. */
function attendFromGlobals(
	parameters: LongformerSelfAttentionParameters,
	x: Tensor,
	globals: GlobalTokensOfCall,
	heads: number,
	keyMask: Tensor<"int32"> | undefined,
): Tensor {
	const dim = x.shape[2] as number;
	return scope(() => {
		if (isAbsorbedCheaper(dim, heads, globals.count))
			return attendAbsorbed(parameters, x, globals, heads, keyMask).output;
		const q = splitHeads(applyLinear(rowsOfGlobals(x, globals), parameters.queryGlobal), heads);
		const [k, v] = [parameters.keyGlobal, parameters.valueGlobal].map((projection) =>
			scope(() => splitHeads(applyLinear(x, projection), heads)),
		) as [Tensor, Tensor];
		return attendAll(q, k, v, { keyMask });
	});
}

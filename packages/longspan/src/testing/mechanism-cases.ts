import { full } from "../attention/full/index.js";
import { fullReference } from "../attention/full/reference.js";
import { linear } from "../attention/linear-transformer/index.js";
import { linearReference } from "../attention/linear-transformer/reference.js";
import type { Attention } from "../attention/mechanism.js";
import { slidingWindow } from "../attention/sliding-window/index.js";
import { slidingWindowReference } from "../attention/sliding-window/reference.js";
import type { Tensor } from "../tensor/tensor.js";

/** A mechanism with options, and its dense definition. */
export interface MechanismCase {
	readonly name: string;
	readonly attend: Attention;
	readonly reference: (q: Tensor, k: Tensor, v: Tensor, keyMask?: Tensor<"int32">) => Tensor;
	/** Whether queries and keys may differ in length. */
	readonly cross: boolean;
	/** Number of heads the options are for; default: any. */
	readonly heads?: number;
	/** Shortest length the options make sense for. Default: 1. */
	readonly minLength?: number;
}

/** A case per mechanism and option that changes what is computed. New mechanisms are added here. */
export const mechanismCases: readonly MechanismCase[] = [
	...[false, true].flatMap((causal): MechanismCase[] => {
		const suffix = causal ? ", causal" : "";
		return [
			{
				name: `full${suffix}`,
				attend: full({ causal }),
				reference: (q, k, v, keyMask) => fullReference(q, k, v, { causal, ...(keyMask && { keyMask }) }),
				cross: !causal,
			},
			...[0, 5, 100].map(
				(window): MechanismCase => ({
					name: `window ${window}${suffix}`,
					attend: slidingWindow({ window, causal }),
					reference: (q, k, v, keyMask) =>
						slidingWindowReference(q, k, v, { window, causal, ...(keyMask && { keyMask }) }),
					cross: false,
				}),
			),
			...([[3], [1, 4]] as const).map((dilation): MechanismCase => {
				const option = dilation.length === 1 ? dilation[0] : dilation;
				return {
					name: `window 9 dilation ${dilation.join("/")}${suffix}`,
					attend: slidingWindow({ window: 9, causal, dilation: option }),
					reference: (q, k, v, keyMask) =>
						slidingWindowReference(q, k, v, { window: 9, causal, dilation: option, ...(keyMask && { keyMask }) }),
					cross: false,
					minLength: 5,
					...(dilation.length > 1 && { heads: dilation.length }),
				};
			}),
			{
				name: `linear${suffix}`,
				attend: linear({ causal }),
				reference: (q, k, v, keyMask) => linearReference(q, k, v, { causal, ...(keyMask && { keyMask }) }),
				cross: !causal,
			},
		];
	}),
	{
		name: "full, scale 0.5",
		attend: full({ scale: 0.5 }),
		reference: (q, k, v, keyMask) => fullReference(q, k, v, { scale: 0.5, ...(keyMask && { keyMask }) }),
		cross: true,
	},
];

import { checkNumber } from "../ops/operands.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkDecodingSizes, untilDisposed } from "./decoding.js";
import type { AttendOptions, Attention, AttentionTraits, CostSizes, DecodingSizes } from "./mechanism.js";

/** Joins the function of a mechanism with its traits, and checks what every mechanism asks of lengths and sessions. */
export function defineAttention<Options extends AttendOptions = AttendOptions>(
	attend: (q: Tensor, k: Tensor, v: Tensor, options: Partial<Options>) => Tensor,
	traits: AttentionTraits,
): Attention<Options> {
	const { description } = traits;
	const checkLength = (length: number) => checkNumber(description, "length", length, { min: 1, integer: true });
	return Object.assign((q: Tensor, k: Tensor, v: Tensor, options?: Options) => attend(q, k, v, options ?? {}), traits, {
		cost(length: number, sizes?: CostSizes) {
			checkLength(length);
			return traits.cost(length, sizes);
		},
		connectivity(length: number, heads?: number) {
			checkLength(length);
			return traits.connectivity(length, heads);
		},
		startDecoding(sizes: DecodingSizes) {
			const session = traits.startDecoding(sizes);
			checkDecodingSizes(description, sizes);
			return untilDisposed(description, session);
		},
	});
}

import { checkNumber, checkOptions, type OptionNames } from "../ops/operands.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkDecodingSizes, untilDisposed } from "./decoding.js";
import type { AttendOptions, Attention, AttentionTraits, CostSizes, DecodingSizes } from "./mechanism.js";

const attendOptionNames: OptionNames<AttendOptions> = { keyMask: true, weights: true };

/** The options of a call that a mechanism has beside those of all, by name; nothing where it has no others. */
type FurtherNames<Options extends AttendOptions> = keyof Options extends keyof AttendOptions
	? []
	: [names: OptionNames<Omit<Options, keyof AttendOptions>>];

/** Joins the function of a mechanism with its traits, and checks what every mechanism asks of calls, lengths and sessions. */
export function defineAttention<Options extends AttendOptions = AttendOptions>(
	attend: (q: Tensor, k: Tensor, v: Tensor, options: Partial<Options>) => Tensor,
	traits: AttentionTraits,
	...further: FurtherNames<Options>
): Attention<Options> {
	const { description } = traits;
	const names: OptionNames<Options> = Object.assign({}, attendOptionNames, ...further);
	const caller = `call of ${description}`;
	const call = (q: Tensor, k: Tensor, v: Tensor, options: Partial<Options> = {}) => {
		checkOptions<Partial<Options>>(caller, options, names);
		return attend(q, k, v, options);
	};
	const checkLength = (length: number) => checkNumber(description, "length", length, { min: 1, integer: true });
	return Object.assign(call, traits, {
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

import { add, mul } from "../ops/arithmetic.js";
import { matmul } from "../ops/matmul.js";
import { checkChoice, checkNumber, checkOptions } from "../ops/operands.js";
import { gelu, relu, sigmoid, silu } from "../ops/unary.js";
import { zeros } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { inChunks } from "./in-chunks.js";
import { joinSessions, type Layer } from "./layer.js";

export interface FeedForwardOptions {
	/** Channels in between. Default: 4 dim, or 8/3 dim with a gate, which takes as many weights. */
	hidden?: number;
	/**
	 * What happens in between. The gated ones multiply the channels by the activation of a second projection, the gate: sigmoid for
	 * "glu", GELU for "geglu", SiLU for "swiglu". Default: "gelu".
	 */
	activation?: Activation;
	/** Positions computed at once; the channels in between never exist for more. Default: all. */
	chunkLength?: number;
}

export type Activation = "gelu" | "relu" | "silu" | "glu" | "geglu" | "swiglu";

/** Weights of a feed-forward layer; the gate only of gated activations. */
export type FeedForwardParameters = {
	/** [dim, hidden] */
	readonly inner: Tensor;
	/** [hidden] */
	readonly innerBias: Tensor;
	/** [hidden, dim] */
	readonly outer: Tensor;
	/** [dim] */
	readonly outerBias: Tensor;
} & ({ readonly gate: Tensor; readonly gateBias: Tensor } | { readonly gate?: never; readonly gateBias?: never });

const activations: Record<Activation, { readonly activate: (x: Tensor) => Tensor; readonly gated: boolean }> = {
	gelu: { activate: gelu, gated: false },
	relu: { activate: relu, gated: false },
	silu: { activate: silu, gated: false },
	glu: { activate: sigmoid, gated: true },
	geglu: { activate: gelu, gated: true },
	swiglu: { activate: silu, gated: true },
};

/**
 * Position-wise feed-forward layer (Vaswani et al. 2017, arXiv 1706.03762, eq. 2), with a gate if asked for (Shazeer 2020,
 * arXiv 2002.05202, eq. 5 and 6), in chunks of positions if asked for (Kitaev et al. 2020, arXiv 2001.04451, section 3).
 *
 * @param dim width of its input and output
 * @param outputScale factor of the deviation of the outer weights
 * @throws OptionError for an unknown activation, or sizes below 1
 */
export function feedForward(
	dim: number,
	options: FeedForwardOptions = {},
	outputScale = 1,
): Layer<FeedForwardParameters> {
	checkOptions("feedForward", options, { hidden: true, activation: true, chunkLength: true });
	const { activation = "gelu", chunkLength } = options;
	checkNumber("feedForward", "dim", dim, { min: 1, integer: true });
	checkChoice("feedForward", "activation", activation, Object.keys(activations));
	const { activate, gated } = activations[activation];
	const hidden = options.hidden ?? (gated ? Math.round((8 * dim) / 3) : 4 * dim);
	checkNumber("feedForward", "hidden", hidden, { min: 1, integer: true });
	if (chunkLength !== undefined) checkNumber("feedForward", "chunkLength", chunkLength, { min: 1, integer: true });

	const whole = (parameters: FeedForwardParameters, x: Tensor): Tensor => {
		const { inner, innerBias, gate, gateBias, outer, outerBias } = parameters;
		return scope(() => {
			const channels = add(matmul(x, inner), innerBias);
			const passed = gate ? mul(activate(add(matmul(x, gate), gateBias)), channels) : activate(channels);
			return add(matmul(passed, outer), outerBias);
		});
	};
	const apply = (parameters: FeedForwardParameters, x: Tensor): Tensor =>
		chunkLength === undefined
			? whole(parameters, x)
			: inChunks([x], 1, chunkLength, (piece) => whole(parameters, piece));
	return {
		initialize(draw) {
			const entry = () => draw([dim, hidden], 1 / Math.sqrt(dim));
			return {
				inner: entry(),
				innerBias: zeros([hidden]),
				...(gated && { gate: entry(), gateBias: zeros([hidden]) }),
				outer: draw([hidden, dim], outputScale / Math.sqrt(hidden)),
				outerBias: zeros([dim]),
			};
		},
		apply,
		startDecoding: () => joinSessions([], apply),
	};
}

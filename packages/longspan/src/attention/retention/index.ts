import { OptionError, ShapeError } from "../../errors.js";
import { mul } from "../../ops/arithmetic.js";
import { broadcastTo } from "../../ops/broadcast.js";
import { checkNumber, checkOperands, checkOptions } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineAttention } from "../define-attention.js";
import { stateCost } from "../linear/cost.js";
import { type StateDecodingSession, startStateDecoding } from "../linear/decoding.js";
import { maskKeys } from "../linear/mask-keys.js";
import { runningState } from "../linear/running-state.js";
import type { LinearState } from "../linear/state.js";
import type { AttendOptions, Attention, DecodingSizes } from "../mechanism.js";
import { attentionSizes } from "../sizes.js";

export interface RetentionOptions {
	/** gamma of each head, above 0 and at most 1. Default: 1 - 2^(-5 - h) for head h. */
	decays?: readonly number[];
	/** Factor of q. Default: 1; RetNet's layers scale k by 1 / sqrt(headDim), which `scale` can do. */
	scale?: number;
}

/** What the tokens of a call or of a decoding session may come with. */
export interface RetentionDecay {
	/** [heads], at most 0: log gamma of each head, in place of `decays`. The result is differentiable in it. */
	logDecay?: Tensor | undefined;
}

/** Options of a call of `retention`. */
export interface RetentionCallOptions extends AttendOptions, RetentionDecay {}

/** The mechanism with a session whose `append` takes `logDecay`, too. */
export interface Retention extends Attention<RetentionCallOptions> {
	startDecoding(sizes: DecodingSizes): StateDecodingSession<RetentionDecay>;
}

/**
 * Retention (RetNet, Sun et al. 2023, arXiv 2307.08621, eq. 5–8): out_i = scale Σ_(j ≤ i) gamma^(i - j) (q_i·k_j) v_j, with one
 * gamma for each head: structured masked attention with a constant decay. Causal; time and memory are proportional to the length. The
 * rotation of q and k and the group norm of the paper's layer are not part of it. A masked key writes nothing to the state; the decay of
 * its position still applies.
 *
 * @throws OptionError for decays outside of (0, 1] or for another number of heads
 * @example
 * const out = retention()(q, k, v);
 */
export function retention(options: RetentionOptions = {}): Retention {
	const name = "retention";
	checkOptions(name, options, { decays: true, scale: true });
	const { decays, scale = 1 } = options;
	checkNumber(name, "scale", scale);
	if (decays !== undefined && !Array.isArray(decays))
		throw new OptionError(`${name}: decays is ${String(decays)}; expected an array of one decay for each head`);
	decays?.forEach((decay, head) => {
		if (!(decay > 0 && decay <= 1))
			throw new OptionError(`${name}: decays[${head}] is ${decay}; expected a number above 0 and at most 1`);
	});
	/** Logarithms for every position, [batch, heads, length]. */
	const decayOf = (q: Tensor, logDecay: Tensor | undefined): Tensor => {
		const [batch, heads, length] = q.shape as [number, number, number];
		if (logDecay) {
			checkOperands(name, { q, logDecay });
			if (!sameShape(logDecay.shape, [heads]))
				throw new ShapeError(
					`${name}: argument logDecay has shape ${formatShape(logDecay.shape)}; expected [${heads}], one for each head (ssd takes one for each position)`,
				);
		} else checkHeads(heads);
		const gamma = (head: number) => decays?.[head] ?? 1 - 2 ** (-5 - head);
		const perHead =
			logDecay ??
			tensor(
				Float64Array.from({ length: heads }, (_, head) => Math.log(gamma(head))),
				[heads],
				q.device,
			);
		return broadcastTo(reshape(perHead, [1, heads, 1]), [batch, heads, length]);
	};
	const checkHeads = (heads: number): void => {
		if (decays && decays.length !== heads)
			throw new OptionError(
				`${name}: decays has ${decays.length} entries; expected one for each of the ${heads} heads`,
			);
	};
	const run = (q: Tensor, k: Tensor, v: Tensor, call: RetentionCallOptions, initialState?: LinearState) => {
		attentionSizes(name, q, k, v);
		const scaled = scale === 1 ? q : mul(q, scale);
		const logDecay = decayOf(q, call.logDecay);
		return runningState(scaled, maskKeys(k, call.keyMask, name), v, { logDecay, initialState, normalize: false }, name);
	};
	const startDecoding = (sizes: DecodingSizes) => {
		checkHeads(sizes.heads);
		return startStateDecoding<LinearState, RetentionDecay>(name, sizes, (q, k, v, { state, options }) => {
			const { output, finalState } = run(q, k, v, options, state);
			return { output, state: finalState };
		});
	};
	const attention = defineAttention<RetentionCallOptions>(
		(q, k, v, call) => scope(() => run(q, k, v, call).output),
		{
			description: `retention${decays ? ` ${decays.join("/")}` : ""}${scale === 1 ? "" : `, scale ${scale}`}`,
			causal: true,
			cost: (length, sizes = {}) => stateCost(length, true, sizes),
			connectivity: () => ({ kind: "state", causal: true }),
			startDecoding,
		},
		{ logDecay: true },
	);
	// Sessions pass the options of their tokens on.
	return attention as Retention;
}

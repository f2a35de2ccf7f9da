import { OptionError } from "../../errors.js";
import { mul } from "../../ops/arithmetic.js";
import { broadcastTo } from "../../ops/broadcast.js";
import { checkFlag, checkNumber, checkOptions } from "../../ops/operands.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineAttention } from "../define-attention.js";
import { stateCost } from "../linear/cost.js";
import { type StateDecodingSession, startStateDecoding } from "../linear/decoding.js";
import { maskKeys } from "../linear/mask-keys.js";
import { runningState } from "../linear/running-state.js";
import type { LinearState } from "../linear/state.js";
import type { AttendOptions, Attention, DecodingSizes } from "../mechanism.js";
import { attentionSizes } from "../sizes.js";

export interface SsdOptions {
	/** Divide by q·z, z the decayed sum of the keys, plus epsilon. Default: false, as in Mamba-2. */
	normalize?: boolean;
	/** Added to the denominator if normalised. Default: 1e-6. */
	epsilon?: number;
	/** Factor of q. Default: 1, as in Mamba-2; others use 1 / sqrt(headDim). */
	scale?: number;
	/** The a of every step where a call gives no `logDecay`, above 0 and at most 1. Default: 1, no decay. */
	decay?: number;
}

/** Options of a call of `ssd`. */
export interface SsdCallOptions extends AttendOptions {
	/**
	 * [batch, heads, length], or [1, heads, length] for all of the batch, at most 0: logarithms of a. -Infinity starts a sequence
	 * anew. Default: the mechanism's constant `decay`.
	 */
	logDecay?: Tensor | undefined;
	/** State before the first position. Default: zero. For the state after the last one, call `runningState`. */
	initialState?: LinearState | undefined;
}

/** Options of the tokens given to a decoding session of `ssd`. */
export interface DecayOptions {
	/** Of these tokens, [batch, heads, length] or [1, heads, length]. Default: the mechanism's constant `decay`. */
	logDecay?: Tensor | undefined;
}

/** The mechanism with a session whose `append` takes the decays of its tokens. */
export interface Ssd extends Attention<SsdCallOptions> {
	startDecoding(sizes: DecodingSizes): StateDecodingSession<DecayOptions>;
}

/**
 * Structured masked attention, the attention form of state-space models (SSD of Mamba-2, Dao & Gu 2024, arXiv 2405.21060, section 4 and
 * eq. 16): Y = (L ∘ C Bᵀ) X with q = C, k = B, v = X and L_ij = a_i a_(i-1) … a_(j+1) for j ≤ i, as the running state
 * S_t = a_t S_(t-1) + k_t v_tᵀ, out_t = scale q_t S_t. Causal; time and memory are proportional to the length. Differentiable in q, k, v,
 * `logDecay` and the initial state. A masked key writes nothing to the state; the decay of its position still applies.
 *
 * @throws OptionError, and ShapeError for decays of another shape
 * @example
 * const out = ssd()(q, k, v, { logDecay }); // logDecay = neg(mul(exp(logA), softplus(dt))) for instance
 */
export function ssd(options: SsdOptions = {}): Ssd {
	const name = "ssd";
	checkOptions(name, options, { normalize: true, epsilon: true, scale: true, decay: true });
	const { normalize = false, epsilon = 1e-6, scale = 1, decay: constant = 1 } = options;
	checkFlag(name, "normalize", normalize);
	checkNumber(name, "epsilon", epsilon, { min: 0 });
	checkNumber(name, "scale", scale);
	if (!(constant > 0 && constant <= 1))
		throw new OptionError(`${name}: decay is ${constant}; expected a number above 0 and at most 1 (1: no decay)`);
	const run = (q: Tensor, k: Tensor, v: Tensor, { keyMask, logDecay: given, initialState }: SsdCallOptions) => {
		const { batch, heads, queryLength } = attentionSizes(name, q, k, v);
		const logDecay =
			given ?? (constant < 1 ? filled([1, heads, queryLength], Math.log(constant), q.device) : undefined);
		const scaled = scale === 1 ? q : mul(q, scale);
		const shared = logDecay?.rank === 3 && logDecay.shape[0] === 1;
		const decay = shared ? broadcastTo(logDecay, [batch, ...logDecay.shape.slice(1)]) : logDecay;
		const options = { logDecay: decay, initialState, normalize, epsilon };
		return runningState(scaled, maskKeys(k, keyMask, name), v, options, name);
	};
	const startDecoding = (sizes: DecodingSizes) =>
		startStateDecoding<LinearState, DecayOptions>(name, sizes, (q, k, v, { state, options }) => {
			const { output, finalState } = run(q, k, v, { ...options, initialState: state });
			return { output, state: finalState };
		});
	const attention = defineAttention<SsdCallOptions>(
		(q, k, v, call) => scope(() => run(q, k, v, call).output),
		{
			description: `SSD${normalize ? ", normalised" : ""}${constant === 1 ? "" : `, decay ${Number(constant.toPrecision(4))}`}${scale === 1 ? "" : `, scale ${scale}`}`,
			causal: true,
			cost: (length, sizes = {}) => stateCost(length, true, sizes),
			connectivity: () => ({ kind: "state", causal: true }),
			startDecoding,
		},
		{ logDecay: true, initialState: true },
	);
	// Sessions pass the options of their tokens on.
	return attention as Ssd;
}

import { OptionError, ShapeError } from "../../errors.js";
import { add } from "../../ops/arithmetic.js";
import { checkNumber, checkOperands, checkOptions } from "../../ops/operands.js";
import { scope } from "../../tensor/scope.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { TensorTree } from "../../tensor/tree.js";
import { type ForwardOptions, foldIn } from "../forward-options.js";
import type { Initializer } from "../initialize.js";
import { joinSessions, type Layer, type LayerSession } from "../layer.js";
import {
	adaptiveComputationTime,
	type HaltingOptions,
	type HaltingParameters,
	haltingParameters,
	haltingSettings,
} from "./halting.js";
import { repeat } from "./repeat.js";
import { type TimingOptions, timingSignal } from "./timing-signal.js";

export interface UniversalStackOptions {
	/** Width of the residual stream. */
	dim: number;
	/** Times the block is applied; with halting, the most times. */
	steps: number;
	/** Lets every position decide after how many steps it stops. Default: none, all take all steps. */
	halting?: HaltingOptions | null | undefined;
	/** Signals of position and step, added before every step. null for none. Default: those of the paper. */
	timing?: TimingOptions | null | undefined;
}

/** Weights of a universal stack. */
// A type, not an interface: those are no trees of tensors to TypeScript.
export type UniversalParameters<P extends TensorTree> = {
	/** Of the block, the same in every step. */
	readonly block: P;
	/** With `halting` only. */
	readonly halting?: HaltingParameters;
	/** Learned step signals, [steps, dim]. With `timing.step` "learned" only. */
	readonly stepSignals?: Tensor;
};

export interface UniversalOutput {
	/** [batch, length, dim] */
	readonly hidden: Tensor;
	/** With halting, the mean over tokens of N + R, differentiable; to be added to the loss times a small weight (tensor2tensor: 0.01). */
	readonly ponderCost: Tensor | null;
	/** With halting, the steps that every position took, [batch, length] in row-major order. */
	readonly updates: Int32Array | null;
}

export interface UniversalStack<P extends TensorTree> {
	/** Draws initial weights. */
	initialize(draw: Initializer): UniversalParameters<P>;
	/**
	 * @param x [batch, length, dim]
	 * @param options step t takes its random numbers from foldIn(random, t)
	 */
	apply(parameters: UniversalParameters<P>, x: Tensor, options?: ForwardOptions): UniversalOutput;
	/**
	 * Starts feeding a sequence piece by piece, with one session of the block for each step. All steps are taken, as later tokens may
	 * see what becomes of tokens that have halted. Throws `OptionError` if the block is not causal.
	 */
	startDecoding(batch: number): LayerSession<UniversalParameters<P>>;
}

const name = "universalStack";

/**
 * The Universal Transformer (Dehghani et al. 2018, arXiv 1807.03819, eq. 4–7): one block applied `steps` times,
 * H^t = block(H^(t-1) + P^t), with P^t the signals of position and step, and with halting of each position on its own (appendix C).
 *
 * @param block any layer from [batch, length, dim] to the same; a post-norm transformer block for the paper's
 * @throws OptionError for sizes below 1 and unknown choices
 * @example
 * const stack = universalStack(block, { dim: 256, steps: 6, halting: { threshold: 0.99 } });
 * const { hidden, ponderCost } = stack.apply(parameters, x);
 */
export function universalStack<P extends TensorTree>(
	block: Layer<P>,
	options: UniversalStackOptions,
): UniversalStack<P> {
	checkOptions(name, options, { dim: true, steps: true, halting: true, timing: true });
	const { dim, steps, halting, timing: timingOptions = {} } = options;
	checkNumber(name, "dim", dim, { min: 1, integer: true });
	checkNumber(name, "steps", steps, { min: 1, integer: true });
	const settings = halting && haltingSettings(name, halting);
	const timing = timingOptions && timingSignal(name, dim, timingOptions);

	/** Takes the steps from x at the positions from `first` on. */
	const takeSteps = (
		parameters: UniversalParameters<P>,
		x: Tensor,
		first: number,
		applyBlock: (input: Tensor, step: number) => Tensor,
		options: { keyMask?: Tensor<"int32"> | undefined; everyStep?: boolean },
	): UniversalOutput => {
		checkParameters(parameters);
		const { device } = x;
		const positions = timing?.positions(first, x.shape[1] as number, device);
		const transform = (state: Tensor, step: number): Tensor => {
			if (!timing || !positions) return applyBlock(state, step);
			const signal = timing.step(step, device, parameters.stepSignals ?? null);
			return applyBlock(add(state, add(positions, signal)), step);
		};
		if (!settings) return { hidden: repeat(x, steps, transform), ponderCost: null, updates: null };
		const all = { ...settings, ...options, maxSteps: steps };
		return adaptiveComputationTime(x, parameters.halting as HaltingParameters, transform, all);
	};

	const checkParameters = ({ halting: unit, stepSignals }: UniversalParameters<P>): void => {
		const missing =
			settings && !unit ? "halting" : timingOptions?.step === "learned" && !stepSignals ? "stepSignals" : "";
		if (missing)
			throw new OptionError(
				`${name}: parameters have no ${missing}; expected those that initialize of this stack makes`,
			);
		if (stepSignals && (stepSignals.shape[0] !== steps || stepSignals.shape[1] !== dim))
			throw new ShapeError(
				`${name}: stepSignals has shape ${formatShape(stepSignals.shape)}; expected [${steps}, ${dim}]; learned signals are for a fixed number of steps`,
			);
	};

	const checkInput = (x: Tensor, batch: number | "batch"): number => {
		checkOperands(name, { x });
		const [rows, length = 0, width] = x.shape;
		if (x.rank !== 3 || width !== dim || length < 1 || (batch !== "batch" && rows !== batch))
			throw new ShapeError(
				`${name}: argument x has shape ${formatShape(x.shape)}; expected [${batch}, length, ${dim}] with a length of at least 1`,
			);
		return length;
	};

	return {
		initialize(draw) {
			const stepSignals = timing?.initialize(steps, draw);
			return {
				block: block.initialize(draw),
				...(settings && { halting: haltingParameters(dim, draw) }),
				...(stepSignals && { stepSignals }),
			};
		},
		apply(parameters, x, options = {}) {
			checkInput(x, "batch");
			const applyBlock = (input: Tensor, step: number) =>
				block.apply(parameters.block, input, { ...options, random: foldIn(options.random, step) });
			return scope(() => takeSteps(parameters, x, 0, applyBlock, { keyMask: options.keyMask }));
		},
		startDecoding(batch) {
			checkNumber(name, "batch", batch, { min: 1, integer: true });
			const sessions = Array.from({ length: steps }, () => block.startDecoding(batch));
			let position = 0;
			return joinSessions(sessions, (parameters, x) => {
				const length = checkInput(x, batch);
				const applyBlock = (input: Tensor, step: number) =>
					(sessions[step - 1] as LayerSession<P>).append(parameters.block, input);
				const hidden = scope(() => takeSteps(parameters, x, position, applyBlock, { everyStep: true }).hidden);
				position += length;
				return hidden;
			});
		},
	};
}

import { checkpoint } from "../autograd/checkpoint.js";
import { OptionError } from "../errors.js";
import { type BlockParameters, type TransformerBlock, transformerBlock } from "../nn/block.js";
import type { Initializer } from "../nn/initialize.js";
import { joinSessions, type Layer } from "../nn/layer.js";
import { plainStack } from "../nn/stacks/plain.js";
import { reversibleStack } from "../nn/stacks/reversible.js";
import type { Stack } from "../nn/stacks/stack.js";
import type { HaltingOptions, HaltingParameters } from "../nn/universal/halting.js";
import type { TimingOptions } from "../nn/universal/timing-signal.js";
import { type UniversalParameters, universalStack } from "../nn/universal/universal-stack.js";
import { mul } from "../ops/arithmetic.js";
import { checkChoice, checkNumber, checkOptions } from "../ops/operands.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { attentionOfLayers, checkModelAttention } from "./model-attention.js";
import type { TransformerOptions } from "./transformer.js";

/** One block for all layers (Universal Transformer). */
export interface RecurrenceOptions {
	/** Lets every position decide after how many layers it stops. Default: none. */
	halting?: HaltingOptions;
	/** Signals of position and step, added before every layer; null for none. Default: those of the paper. */
	timing?: TimingOptions | null;
	/** Weight of the number of steps in the loss, with halting. Default: 0.01. */
	ponderWeight?: number;
}

/** Weights of the layers. */
export type StackParameters = {
	/** Of each layer; of the one there is with recurrence. */
	readonly blocks: readonly BlockParameters[];
	/** With recurrence only. */
	readonly recurrence?: {
		readonly halting?: HaltingParameters;
		/** [layers, dim] */
		readonly stepSignals?: Tensor;
	};
};

/** The layers that the options of a transformer ask for. `name`: of the model, for errors. */
export function transformerStack(name: string, options: TransformerOptions): Stack<StackParameters> {
	const {
		attention,
		layers,
		maxLength: _,
		positions,
		activations = "stored",
		streamMerge,
		recurrence,
		seed: __,
		...ofBlocks
	} = options;
	const { dim, norm } = ofBlocks;
	checkModelAttention(name, attention);
	checkChoice(name, "activations", activations, ["stored", "checkpointed", "reversible"]);
	const reversible = activations === "reversible";
	const checkpointed = activations === "checkpointed";
	if (reversible && norm === "post")
		throw new OptionError(`${name}: norm is "post"; reversible blocks have none on their streams: use norm "pre"`);
	if (streamMerge !== undefined && !reversible)
		throw new OptionError(`${name}: streamMerge is given; there are two streams with activations "reversible" only`);
	const blocks = attentionOfLayers(attention, layers).map((own) =>
		transformerBlock({
			...ofBlocks,
			attention: own,
			rotary: positions === "rotary",
			// Keeps the scale of the residual stream from growing with depth (GPT-2, Radford et al. 2019).
			outputScale: 1 / Math.sqrt(2 * layers),
		}),
	);
	if (!recurrence)
		return withBlocks(
			reversible ? reversibleStack(blocks, dim, streamMerge) : plainStack(blocks, dim, { checkpointed }),
		);

	checkOptions(name, recurrence, { halting: true, timing: true, ponderWeight: true }, "recurrence");
	if (Array.isArray(attention) && attention.length > 1)
		throw new OptionError(
			`${name}: attention is a list of several; with recurrence all layers are one: give one attention, or one list of heads within the list`,
		);
	if (reversible)
		throw new OptionError(`${name}: activations is "reversible"; with recurrence use "stored" or "checkpointed"`);
	const block = blocks[0] as TransformerBlock;
	return recurrentStack(name, checkpointed ? repeated(block) : block, options, recurrence);
}

/** A layer whose inside is repeated in the backward pass. */
function repeated<P extends BlockParameters>(layer: Layer<P>): Layer<P> {
	return {
		...layer,
		apply: (parameters, x, given) => checkpoint((input: Tensor) => layer.apply(parameters, input, given), x),
	};
}

function withBlocks(stack: Stack<readonly BlockParameters[]>): Stack<StackParameters> {
	return {
		outputDim: stack.outputDim,
		initialize: (draw) => ({ blocks: stack.initialize(draw) }),
		apply: ({ blocks }, x, options) => stack.apply(blocks, x, options),
		startDecoding(batch) {
			const session = stack.startDecoding(batch);
			return joinSessions([session], ({ blocks }, x) => session.append(blocks, x));
		},
	};
}

function recurrentStack(
	name: string,
	block: Layer<BlockParameters>,
	{ dim, layers }: TransformerOptions,
	{ ponderWeight = 0.01, ...options }: RecurrenceOptions,
): Stack<StackParameters> {
	checkNumber(name, "ponderWeight", ponderWeight, { min: 0 });
	const stack = universalStack(block, { dim, steps: layers, ...options });
	const inner = ({ blocks, recurrence }: StackParameters): UniversalParameters<BlockParameters> => ({
		block: blocks[0] as BlockParameters,
		...recurrence,
	});
	return {
		outputDim: dim,
		initialize(draw: Initializer) {
			const { block: own, ...recurrence } = stack.initialize(draw);
			return { blocks: [own], recurrence };
		},
		apply: (parameters, x, given) =>
			scope(() => {
				const { hidden, ponderCost } = stack.apply(inner(parameters), x, given);
				return { hidden, ponderCost: ponderCost && mul(ponderCost, ponderWeight) };
			}),
		startDecoding(batch) {
			const session = stack.startDecoding(batch);
			return joinSessions([session], (parameters, x) => session.append(inner(parameters), x));
		},
	};
}

import { OptionError } from "../../errors.js";
import { foldIn } from "../../nn/forward-options.js";
import { checkList, checkNumber } from "../../ops/operands.js";
import { pad, slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Architecture, EncoderInputs, RunOptions } from "../architecture.js";
import { checkEncoderInputs, checkInputNames, commonInputNames } from "../layers/encoder-inputs.js";
import { checkRunOptions } from "../run-options.js";
import type { BaseOutputs } from "../tasks.js";
import type { ReformerConfig } from "./config.js";
import { declareEmbeddings, embedTokens } from "./embeddings.js";
import { declareEncoder, reformerEncoder } from "./encoder.js";
import { longestInput, paddedLength } from "./lengths.js";

const name = "Reformer";

const ownInputNames: readonly string[] = [...commonInputNames, "numHashes", "rotations"];

/** Weights of a Reformer without a head. */
export function declareReformer(config: ReformerConfig) {
	return { embeddings: declareEmbeddings(config), encoder: declareEncoder(config) };
}

export type ReformerDeclared = ReturnType<typeof declareReformer>;

/**
 * Reformer (Kitaev et al. 2020, arXiv 2001.04451): LSH and local attention between two residual streams, which `lastHiddenState` holds
 * side by side, [batch, length, 2 width]. `hiddenStates` are those of the second stream, before each layer and after the last.
 *
 * Inputs longer than the shortest chunk are padded inside to whole chunks of all layers, with masked tokens, which have a bucket of
 * their own. What a token sees depends on the order of all buckets, so results differ with the padding of a batch, as in the released
 * code. Without `rotations` they are drawn by this library's generator: results agree with those of other implementations in
 * distribution, not number by number.
 *
 * @param headInputNames names of inputs that a head on it takes
 */
export function reformerModel(
	config: ReformerConfig,
	headInputNames: readonly string[] = [],
): Architecture<EncoderInputs, BaseOutputs, ReformerDeclared> {
	const encode = reformerEncoder(config);
	const inputNames = [...ownInputNames, ...headInputNames];
	return {
		declared: declareReformer(config),
		forward(parameters, inputs, options = {}) {
			checkRunOptions(name, options);
			const { random, outputHiddenStates = false } = options;
			const { inputIds, numHashes, rotations } = inputs;
			const attentionMask = checkInputs(config, inputs, inputNames, options);
			const length = inputIds.shape[1] as number;
			const padded = paddedLength(config, length);
			return scope(() => {
				const ids = padded > length ? pad(inputIds, 1, 0, padded - length, config.padId) : inputIds;
				const embedded = embedTokens(config, parameters.embeddings, ids, foldIn(random, 0));
				const { output, hiddenStates } = encode(parameters.encoder, embedded, {
					keyMask: paddedMask(inputIds, attentionMask, padded),
					numHashes,
					rotations,
					random: foldIn(random, 1),
					outputHiddenStates,
				});
				const cut = (x: Tensor) => (padded > length ? slice(x, 1, 0, length) : x);
				return { lastHiddenState: cut(output), hiddenStates: hiddenStates?.map(cut) };
			});
		},
	};
}

/** Checks the inputs and returns the mask of their tokens, if any is padding. */
function checkInputs(
	config: ReformerConfig,
	inputs: EncoderInputs,
	inputNames: readonly string[],
	{ outputAttentions = false }: RunOptions,
): Tensor<"int32"> | undefined {
	checkInputNames(name, inputs, inputNames);
	const attentionMask = checkEncoderInputs(name, inputs, { ...config, maxLength: longestInput(config) });
	const { numHashes, rotations } = inputs;
	if (numHashes !== undefined) checkNumber(name, "numHashes", numHashes, { min: 1, integer: true });
	if (outputAttentions)
		throw new OptionError(
			`${name}: outputAttentions is true; attention probabilities never exist as a whole here, leave it out`,
		);
	if (rotations !== undefined) {
		checkList(name, "rotations", rotations, "tensors");
		const count = config.layers.filter((kind) => kind === "lsh").length;
		if (rotations.length !== count)
			throw new OptionError(
				`${name}: rotations has ${rotations.length} tensors; expected ${count}, one for each LSH layer`,
			);
	}
	return attentionMask;
}

/** 1 for tokens, 0 for padding, [batch, padded]; undefined where all are tokens. */
function paddedMask(
	{ shape }: Tensor<"int32">,
	attentionMask: Tensor<"int32"> | undefined,
	padded: number,
): Int32Array | undefined {
	const [batch, length] = shape as [number, number];
	const given = attentionMask?.dataSync();
	if (padded === length) return given;
	const mask = new Int32Array(batch * padded);
	for (let entry = 0; entry < batch; entry++) {
		if (given) mask.set(given.subarray(entry * length, (entry + 1) * length), entry * padded);
		else mask.fill(1, entry * padded, entry * padded + length);
	}
	return mask;
}

import { OptionError } from "../../errors.js";
import { foldIn } from "../../nn/forward-options.js";
import { checkList, checkOptions } from "../../ops/operands.js";
import { pad, slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Architecture, EncoderInputs, RunOptions } from "../architecture.js";
import { runOptionNames } from "../heads/with-head.js";
import { checkEncoderInputs } from "../layers/encoder-inputs.js";
import type { BaseOutputs } from "../tasks.js";
import type { ReformerConfig } from "./config.js";
import { declareEmbeddings, embedTokens } from "./embeddings.js";
import { declareEncoder, reformerEncoder } from "./encoder.js";
import { longestInput, paddedLength } from "./lengths.js";

const name = "Reformer";

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
 */
export function reformerModel(config: ReformerConfig): Architecture<EncoderInputs, BaseOutputs, ReformerDeclared> {
	const encode = reformerEncoder(config);
	return {
		declared: declareReformer(config),
		forward(parameters, inputs, options = {}) {
			checkOptions(name, options, runOptionNames);
			const { random, outputHiddenStates = false } = options;
			const { inputIds, numHashes, rotations } = inputs;
			const attentionMask = checkInputs(config, inputs, options);
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
	{ outputAttentions = false }: RunOptions,
): Tensor<"int32"> | undefined {
	const attentionMask = checkEncoderInputs(name, inputs, longestInput(config));
	const { rotations } = inputs;
	for (const argument of ["tokenTypeIds", "globalAttentionMask"] as const)
		if (inputs[argument])
			throw new OptionError(`${name}: ${argument} is given; this model has no use for it, leave it out`);
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

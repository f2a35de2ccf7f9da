import { OptionError } from "../errors.js";
import type { LanguageModel, LanguageModelParameters, LanguageModelSession } from "../models/language-model.js";
import { checkList, checkNumber, checkOptions, describe } from "../ops/operands.js";
import { currentDevice, type Device } from "../tensor/device.js";
import { sampleToken } from "./sample-token.js";
import { checkSampling, type SamplingOptions, samplingOptionNames } from "./sampling/sampling-options.js";
import { scoresAfter } from "./scores-after.js";

export interface GenerateOptions extends SamplingOptions {
	/** The most tokens to generate. */
	tokens: number;
	/** Tokens that end the text; they are not given out themselves. Default: none. */
	stopIds?: readonly number[] | undefined;
}

/**
 * Generates tokens after a prompt, one at a time, as they are asked for. The prompt is read in one call, each token then costs what
 * the attention reads for one position. What was held is freed at the end, and when the consumer stops before.
 *
 * @param promptIds at least one id
 * @throws OptionError for an empty prompt or an option out of its range
 * @throws ShapeError beyond the last position the model has
 * @example
 * for await (const id of generate(model, parameters, promptIds, { tokens: 200, temperature: 0.8 })) show(id);
 */
export async function* generate(
	model: LanguageModel,
	parameters: LanguageModelParameters,
	promptIds: ArrayLike<number>,
	options: GenerateOptions,
): AsyncGenerator<number, void, void> {
	checkArguments(promptIds, options);
	if (typeof model?.startDecoding !== "function")
		throw new OptionError(`generate: model is ${describe(model)}; expected a language model`);
	const session = model.startDecoding(parameters);
	try {
		yield* generateFrom(session, promptIds, options, parameters.tokens.device);
	} finally {
		session.dispose();
	}
}

/**
 * Generates tokens from where a session of batch 1 stands. The session is left to its owner, and so can be looked at on the way and
 * gone on with: it has seen all tokens but the last that was given out (or, after a stop token, all).
 *
 * @param ids what the session is to read first, at least one id
 * @param device of the model's weights. Default: the current one
 * @throws OptionError, ShapeError as `generate`
 */
export async function* generateFrom(
	session: LanguageModelSession,
	ids: ArrayLike<number>,
	options: GenerateOptions,
	device: Device = currentDevice(),
): AsyncGenerator<number, void, void> {
	checkArguments(ids, options);
	const { tokens, stopIds = [], ...sampling } = options;
	let next: ArrayLike<number> = ids;
	for (let count = 0; count < tokens; count++) {
		const logits = await scoresAfter(session, next, device);
		const id = sampleToken(logits, { ...sampling, position: session.position });
		if (stopIds.includes(id)) return;
		yield id;
		next = [id];
	}
}

function checkArguments(ids: ArrayLike<number>, options: GenerateOptions): void {
	checkOptions("generate", options, { ...samplingOptionNames, tokens: true, stopIds: true });
	const { tokens, stopIds = [], ...sampling } = options;
	checkList("generate", "the prompt", ids, "ids");
	checkList("generate", "stopIds", stopIds, "ids");
	if (ids.length < 1) throw new OptionError("generate: the prompt is empty; expected at least one id to begin with");
	checkNumber("generate", "tokens", tokens, { min: 1, integer: true });
	checkSampling("generate", sampling);
}

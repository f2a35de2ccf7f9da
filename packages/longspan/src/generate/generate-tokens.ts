import type { Device } from "../tensor/device.js";
import { beamSearch } from "./beams/beam-search.js";
import type { DecoderSession } from "./decoder-session.js";
import { DecodingRun } from "./decoding-run.js";
import type { GenerationOptions } from "./settings/generation-options.js";
import { decodeStepByStep } from "./step-by-step.js";

export interface GenerateTokensOptions extends GenerationOptions {
	/** What the encoder read, for each entry without its padding; `encoderNoRepeatNgramSize` needs it. */
	encoderIds?: readonly ArrayLike<number>[] | undefined;
	/** Stops between two tokens: the call rejects with the signal's reason. */
	signal?: AbortSignal | undefined;
	/** Of the session. Default: the current one. */
	device?: Device | undefined;
}

/** A sequence that was generated. */
export interface GeneratedSequence {
	/** The tokens after the prompt, with the one of `eosTokenId` that ended them. */
	readonly ids: readonly number[];
	/** Whether a token of `eosTokenId` ended it, rather than the most tokens asked for. */
	readonly ended: boolean;
	/**
	 * Of beam search: the sum of the log-probabilities of `ids` / (their number)^`lengthPenalty`, as the rules left them (a forbidden
	 * token's share is not given to others).
	 */
	readonly score?: number | undefined;
}

/**
 * Generates tokens after a prompt for each entry of a batch, as transformers' `generate` does: greedily, drawing tokens (`doSample`), or
 * by beam search (`numBeams`; with `doSample`, its continuations are drawn). What one entry gets depends neither on the others nor on
 * its place: entries draw from the same random numbers, the `numReturnSequences` of each from different ones.
 *
 * Every step feeds one token to all rows, and reads [rows, vocabulary] scores. The prompt is read once for each entry, whatever the
 * number of beams. The session is left to its owner.
 *
 * @param session at the beginning, with a row for each prompt
 * @param prompts ids, as many for each entry; for an encoder–decoder `[decoderStartTokenId]`
 * @returns for each entry its sequences, the best first. Fewer than asked for where the rules leave no more.
 * @throws OptionError for an empty prompt, prompts of different lengths, an unknown option or one out of its range
 * @throws ShapeError beyond the last position the model has
 * @example
 * const session = model.startDecoding({ inputIds });
 * const settings = generationSettings(model.generationConfig, model.config, { numBeams: 4 });
 * const [[best]] = await generateTokens(session, [[settings.decoderStartTokenId]], settings);
 */
export async function generateTokens(
	session: DecoderSession,
	prompts: readonly (readonly number[])[],
	options: GenerateTokensOptions = {},
): Promise<GeneratedSequence[][]> {
	const run = new DecodingRun(session, prompts, options);
	if (run.settings.numBeams > 1) return beamSearch(run);
	const count = run.settings.numReturnSequences;
	const ids: number[][] = Array.from({ length: prompts.length * count }, () => []);
	for await (const step of decodeStepByStep(run))
		step.forEach((token, index) => {
			if (token !== undefined) ids[index]?.push(token);
		});
	const sequences = ids.map((own) => ({ ids: own, ended: run.ends(own.at(-1) as number) }));
	return prompts.map((_, entry) => sequences.slice(entry * count, (entry + 1) * count));
}

/**
 * `generateTokens` token by token: each step has the next token of every sequence, those of an entry together, undefined for sequences
 * that have ended. Beam search knows its tokens only in the end; its steps come then.
 *
 * @throws as `generateTokens`
 * @example
 * for await (const [token] of streamTokens(session, [promptIds], { maxNewTokens: 200 })) show(token);
 */
export async function* streamTokens(
	session: DecoderSession,
	prompts: readonly (readonly number[])[],
	options: GenerateTokensOptions = {},
): AsyncGenerator<readonly (number | undefined)[], void, void> {
	const run = new DecodingRun(session, prompts, options);
	if (run.settings.numBeams === 1) return yield* decodeStepByStep(run);
	const count = run.settings.numReturnSequences;
	const found = (await beamSearch(run)).flatMap((own) => Array.from({ length: count }, (_, rank) => own[rank]?.ids));
	const steps = Math.max(...found.map((ids) => ids?.length ?? 0));
	for (let step = 0; step < steps; step++) yield found.map((ids) => ids?.[step]);
}

import { OptionError } from "../errors.js";
import { checkList, checkObject, describe } from "../ops/operands.js";
import { currentDevice, Device } from "../tensor/device.js";
import type { DecoderSession } from "./decoder-session.js";
import type { GenerateTokensOptions } from "./generate-tokens.js";
import type { ScoreRule } from "./rules/score-rule.js";
import { scoreRules } from "./rules/score-rules.js";
import { scoresAfter } from "./scores-after.js";
import type { GenerationSettings } from "./settings/generation-options.js";
import { type LengthLimits, lengthLimits } from "./settings/length-limits.js";
import { resolveGenerationOptions } from "./settings/resolve-options.js";

const name = "generateTokens";

/** One call of `generateTokens`: what it was asked for, checked, and the session it reads scores from. */
export class DecodingRun {
	readonly settings: GenerationSettings;
	readonly limits: LengthLimits;
	/** Fed to rows whose result is not looked at. */
	readonly idleToken: number;
	readonly #rules: readonly ScoreRule[];
	readonly #signal: AbortSignal | undefined;
	readonly #device: Device;

	/** @throws OptionError as `generateTokens` */
	constructor(
		readonly session: DecoderSession,
		readonly prompts: readonly (readonly number[])[],
		options: GenerateTokensOptions,
	) {
		checkObject(name, "session", session);
		checkObject(name, "options", options);
		const { encoderIds = [], signal, device = currentDevice(), ...generation } = options;
		this.settings = resolveGenerationOptions(name, generation);
		checkPrompts(prompts);
		checkList(name, "encoderIds", encoderIds, "lists of ids");
		if (this.settings.encoderNoRepeatNgramSize > 0 && encoderIds.length !== prompts.length)
			throw new OptionError(
				`${name}: encoderIds has ${encoderIds.length} lists of ids; encoderNoRepeatNgramSize needs one for each of ${prompts.length} prompts`,
			);
		if (signal !== undefined && typeof signal?.throwIfAborted !== "function")
			throw new OptionError(`${name}: signal is ${describe(signal)}; expected an AbortSignal`);
		if (!(device instanceof Device))
			throw new OptionError(`${name}: device is ${describe(device)}; expected a device that init() returned`);
		this.limits = lengthLimits(name, (prompts[0] as readonly number[]).length, this.settings);
		this.idleToken = this.settings.padTokenId ?? this.settings.eosTokenId[0] ?? 0;
		this.#rules = scoreRules(this.settings, this.limits, encoderIds);
		this.#signal = signal;
		this.#device = device;
	}

	/**
	 * Feeds each row its next tokens, as many to each.
	 *
	 * @returns the scores of what follows, by row; they may be changed
	 */
	async scoresAfter(tokens: readonly (readonly number[])[]): Promise<Float32Array[]> {
		this.#signal?.throwIfAborted();
		const scores = await scoresAfter(this.session, tokens.flat(), this.#device, tokens.length);
		this.#signal?.throwIfAborted();
		const vocabulary = scores.length / tokens.length;
		this.#checkTokens(vocabulary);
		return tokens.map((_, row) => scores.subarray(row * vocabulary, (row + 1) * vocabulary));
	}

	/** Applies what was asked for to the scores of a sequence, in place. */
	applyRules(scores: Float32Array, ids: readonly number[], entry: number): void {
		for (const rule of this.#rules) rule(scores, ids, entry);
	}

	ends(token: number): boolean {
		return this.settings.eosTokenId.includes(token);
	}

	#checkTokens(vocabulary: number): void {
		const { forcedBosTokenId, ...lists } = this.settings;
		const named = {
			forcedBosTokenId: forcedBosTokenId === null ? [] : [forcedBosTokenId],
			forcedEosTokenId: lists.forcedEosTokenId,
			eosTokenId: lists.eosTokenId,
			suppressTokens: lists.suppressTokens,
			beginSuppressTokens: lists.beginSuppressTokens,
			badWordsIds: lists.badWordsIds.flat(),
		};
		for (const [option, ids] of Object.entries(named))
			for (const id of ids)
				if (id >= vocabulary)
					throw new OptionError(`${name}: ${option} has token ${id}; expected 0 to ${vocabulary - 1}`);
	}
}

function checkPrompts(prompts: readonly (readonly number[])[]): void {
	if (!Array.isArray(prompts) || prompts.length === 0 || !prompts.every((prompt) => Array.isArray(prompt)))
		throw new OptionError(
			`${name}: prompts is ${Array.isArray(prompts) ? "an array of something else or of nothing" : describe(prompts)}; expected a list of ids for each entry of the batch`,
		);
	const length = (prompts[0] as readonly number[]).length;
	prompts.forEach((prompt, entry) => {
		if (prompt.length === 0)
			throw new OptionError(`${name}: prompt ${entry} is empty; expected at least one id to begin with`);
		if (prompt.length !== length)
			throw new OptionError(
				`${name}: prompt ${entry} has ${prompt.length} ids, the first ${length}; expected as many: generate for prompts of each length on their own`,
			);
	});
}

import type { GenerationSettings } from "../settings/generation-options.js";
import type { LengthLimits } from "../settings/length-limits.js";
import { forbid, force } from "./forbid.js";
import { forbidNgramsOf, forbidRuns } from "./repeated-ngrams.js";
import { penalizeRepetition } from "./repetition-penalty.js";
import type { ScoreRule } from "./score-rule.js";

/**
 * The rules that the settings ask for, in the order of transformers, where a later one can undo an earlier.
 *
 * @param encoderIds what each entry's encoder read; empty unless `encoderNoRepeatNgramSize` is above 0
 */
export function scoreRules(
	settings: GenerationSettings,
	{ prompt, min, max }: LengthLimits,
	encoderIds: readonly ArrayLike<number>[],
): readonly ScoreRule[] {
	const { repetitionPenalty, noRepeatNgramSize, encoderNoRepeatNgramSize, suppressTokens, beginSuppressTokens } =
		settings;
	const { eosTokenId, forcedBosTokenId, forcedEosTokenId } = settings;
	const rules: ScoreRule[] = [];
	if (repetitionPenalty !== 1) rules.push((scores, ids) => penalizeRepetition(scores, ids, repetitionPenalty));
	if (noRepeatNgramSize > 0) rules.push((scores, ids) => forbidNgramsOf(scores, ids, ids, noRepeatNgramSize));
	if (encoderNoRepeatNgramSize > 0)
		rules.push((scores, ids, entry) =>
			forbidNgramsOf(scores, encoderIds[entry] as ArrayLike<number>, ids, encoderNoRepeatNgramSize),
		);
	// The end of a sequence is no bad word.
	const runs = settings.badWordsIds.filter((run) => !(run.length === 1 && eosTokenId.includes(run[0] as number)));
	if (runs.length > 0) rules.push((scores, ids) => forbidRuns(scores, ids, runs));
	if (min > prompt && eosTokenId.length > 0)
		rules.push((scores, ids) => ids.length < min && forbid(scores, eosTokenId));
	if (forcedBosTokenId !== null) rules.push((scores, ids) => ids.length === 1 && force(scores, [forcedBosTokenId]));
	if (forcedEosTokenId.length > 0)
		rules.push((scores, ids) => ids.length === max - 1 && force(scores, forcedEosTokenId));
	if (suppressTokens.length > 0) rules.push((scores) => forbid(scores, suppressTokens));
	// A forced first token is not the first of the text.
	const first = prompt === 1 && forcedBosTokenId !== null ? 2 : prompt;
	if (beginSuppressTokens.length > 0)
		rules.push((scores, ids) => ids.length === first && forbid(scores, beginSuppressTokens));
	return rules;
}

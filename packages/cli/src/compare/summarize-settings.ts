import type { AttentionChoice } from "../attentions/choices.js";
import { formOf, isRefusal, refusalText } from "../attentions/form.js";
import type { Corpus } from "../data/corpus.js";
import type { SourceFile } from "../data/list-files.js";
import type { AttentionSummary, SettingsSummary } from "./result.js";
import type { CompareSettings } from "./settings.js";
import { modelSizes, training } from "./train/model.js";

/** The attention at the longest length that it takes. */
function summarizeAttention(choice: AttentionChoice, causal: boolean, lengths: readonly number[]): AttentionSummary {
	const { label } = choice;
	let refusal = "";
	for (const length of lengths.toReversed()) {
		try {
			const { attention, note } = formOf(choice, causal, length);
			return { label, description: attention.description, note };
		} catch (error) {
			if (!isRefusal(error)) throw error;
			refusal ||= refusalText(error);
		}
	}
	return { label, description: "refused at every length", note: refusal };
}

/** The data of a comparison. */
export interface ComparedData {
	readonly sources: readonly string[];
	readonly files: readonly SourceFile[];
	readonly corpus: Corpus;
}

/** Settings as the result tells them. */
export function summarizeSettings(settings: CompareSettings, data: ComparedData | null): SettingsSummary {
	const { lengths, batch, heads, headDim, causal, backward, repeat, maxSeconds, seed, turbo } = settings;
	return {
		attentions: settings.attentions.map((choice) => summarizeAttention(choice, causal, lengths)),
		lengths,
		batch,
		heads,
		headDim,
		causal,
		backward,
		repeat,
		maxSeconds: Number.isFinite(maxSeconds) ? maxSeconds : null,
		seed,
		turbo,
		training:
			settings.trainSteps > 0 && data
				? {
						steps: settings.trainSteps,
						length: settings.trainLength,
						batch: settings.trainBatch,
						...modelSizes,
						learningRate: training.learningRate,
						data: {
							sources: data.sources,
							files: data.files.length,
							bytes: data.files.reduce((sum, { size }) => sum + size, 0),
							trainBytes: data.corpus.train.length,
							heldOutBytes: data.corpus.heldOut.length,
						},
					}
				: null,
	};
}

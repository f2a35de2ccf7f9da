import {
	type Device,
	modelFromCheckpoint,
	OutOfMemoryError,
	type PretrainedModel,
	trainableWeights,
	withLabels,
} from "longspan";
import { startDevice } from "../device-options.js";
import { UsageError } from "../errors.js";
import { formatCount, formatList } from "../output/format.js";
import { parseInteger } from "../parse-number.js";
import { inCommandTerms } from "../pipelines/explain.js";
import { RunFolder, readMetrics } from "../runs/index.js";
import { explainShortage } from "../train/explain-failure.js";
import { historyOf } from "../train/history.js";
import { Learner } from "../train/learner.js";
import { noteChanges } from "../train/note-changes.js";
import { runDefaults } from "../train/options.js";
import { resumedOptions } from "../train/resume-options.js";
import { type Circumstances, checkStepsLeft, type FoundRun } from "../train/run.js";
import { runSession } from "../train/session.js";
import { snapshotOf } from "../train/state.js";
import { classificationObjective } from "./classification.js";
import { type LabelledTexts, readLabelledTexts } from "./labelled-texts.js";
import { maskedObjective } from "./masked-language.js";
import type { Objective } from "./objective.js";
import {
	checkNames,
	type FineTuneOptions,
	fineTuneDefaults,
	type GivenFineTuneOptions,
	withFineTuneDefaults,
} from "./options.js";
import { fineTuneSession } from "./session.js";
import { type FineTuneSettings, type ObjectiveName, parseFineTuneOptions, parseObjective } from "./settings.js";
import { openSource, type Source, sourceOf } from "./source.js";
import { fineTuneState } from "./state.js";

/** Options that make texts smaller. */
const sizes = ["--length"];

/** A pretrained model that can be trained, and where it comes from. */
type Trainee = { readonly source: Source; readonly texts: LabelledTexts | null } & (
	| { readonly task: "masked-lm"; readonly model: PretrainedModel<"masked-lm"> }
	| { readonly task: "sequence-classification"; readonly model: PretrainedModel<"sequence-classification"> }
);

/** Starts to fine-tune a model in a folder. Nothing is written before it is known that everything fits. */
export async function startFineTuning(
	folder: string,
	given: GivenFineTuneOptions & Pick<FineTuneOptions, "init">,
	circumstances: Circumstances,
): Promise<void> {
	checkNames(given);
	const name = parseObjective(given.objective ?? fineTuneDefaults.objective);
	const seed = parseInteger("--seed", given.seed ?? runDefaults.seed, 0);
	const texts = name === "classify" ? readLabelledTexts(given.data ?? []) : null;
	const source = await openSource(given.init);
	const device = await startDevice(circumstances);
	try {
		const trainee = await loadTrainee(source, texts, name, device, seed);
		const options = withFineTuneDefaults(given, trainee.model.maxLength);
		const settings = parseFineTuneOptions(options);
		await withObjective(trainee, settings, async (objective) => {
			const learner = new Learner(device, objective.subject, trainableWeights(trainee.model), settings);
			const run = RunFolder.create(folder, settings);
			const { model } = trainee;
			const parts = { device, learner, run, folder, options, settings, objective, model, source };
			await runSession(fineTuneSession({ ...parts, history: historyOf([]) }, circumstances));
		});
	} finally {
		device.dispose();
	}
}

/** Goes on with fine-tuning from a checkpoint. Nothing is changed there before it is known that it can. */
export async function goOnFineTuning(
	{ folder, lock, path, checkpoint }: FoundRun,
	given: GivenFineTuneOptions,
	circumstances: Circumstances,
): Promise<void> {
	checkNames(given);
	const state = fineTuneState(checkpoint, path);
	const options = resumedOptions<FineTuneOptions>(state, given, folder, parseFineTuneOptions);
	const settings = parseFineTuneOptions(options);
	checkStepsLeft(checkpoint, settings.steps, folder);
	const texts = settings.objective === "classify" ? readLabelledTexts(settings.data) : null;
	const source = await sourceOf(checkpoint, path);
	const device = await startDevice(circumstances);
	try {
		const trainee = await loadTrainee(source, texts, settings.objective, device);
		await withObjective(trainee, settings, async (objective) => {
			noteChanges(state, { data: objective.summary, device: device.description });
			const learner = new Learner(device, objective.subject, trainableWeights(trainee.model), settings);
			learner.restore(snapshotOf(checkpoint, state, path));
			const run = RunFolder.goOn(folder, checkpoint, lock, settings);
			const { model } = trainee;
			const parts = { device, learner, run, folder, options, settings, objective, model, source };
			await runSession(fineTuneSession({ ...parts, history: historyOf(readMetrics(folder)) }, circumstances));
		});
	} finally {
		device.dispose();
	}
}

/**
 * Loads a model to train it.
 *
 * @param seed of weights that the checkpoint lacks, which are told on stderr; undefined: it must have all
 */
async function loadTrainee(
	source: Source,
	texts: LabelledTexts | null,
	name: ObjectiveName,
	device: Device,
	seed?: number,
): Promise<Trainee> {
	const options = { device, trainable: true, ...(seed !== undefined && { drawMissing: seed }) };
	try {
		const load = async (): Promise<Trainee> => {
			if (name === "masked-lm" || texts === null) {
				const model = await modelFromCheckpoint("masked-lm", source.checkpoint, options);
				return { source, texts, task: "masked-lm", model };
			}
			const checkpoint =
				seed === undefined ? source.checkpoint : withLabels(source.checkpoint, labelsFor(source, texts));
			const model = await modelFromCheckpoint("sequence-classification", checkpoint, options);
			checkLabels(model.labels, texts);
			return { source, texts, task: "sequence-classification", model };
		};
		const trainee = await load();
		const { drawn, unused } = trainee.model;
		if (drawn.length > 0) process.stderr.write(`new weights: ${formatList(drawn)}\n`);
		if (unused.length > 0) process.stderr.write(`left out: ${formatList(unused)}\n`);
		return trainee;
	} catch (error) {
		throw error instanceof OutOfMemoryError ? explainShortage(error, undefined, sizes) : inCommandTerms(error);
	}
}

/** The classes of a checkpoint if they are all that the texts have, so that its head can stay; else those of the texts. */
function labelsFor({ checkpoint }: Source, { labels }: LabelledTexts): readonly string[] {
	const own = checkpoint.config.id2label;
	const names = typeof own === "object" && own !== null ? Object.values(own as Record<string, unknown>) : [];
	return labels.every((label) => names.includes(label)) ? (names as string[]) : labels;
}

/** Throws `UsageError` for a class of the texts that the model does not have: the files of a run may have changed. */
function checkLabels(labels: readonly string[], texts: LabelledTexts): void {
	const unknown = texts.labels.find((label) => !labels.includes(label));
	if (unknown !== undefined)
		throw new UsageError(
			`--data: a text has the class "${unknown}"; the run has ${formatCount(labels.length)}, ${formatList(labels.slice(0, 5))}: start another run with --out`,
		);
}

/** Calls `then` with what a model is to be trained to do. */
async function withObjective(
	trainee: Trainee,
	settings: FineTuneSettings,
	// biome-ignore lint/suspicious/noExplicitAny: objectives differ in their batches
	then: (objective: Objective<any, any>) => Promise<void>,
): Promise<void> {
	const { tokenizer } = trainee.source;
	const { maxLength, config } = trainee.model;
	const longest = settings.lengths.at(-1) as number;
	if (maxLength !== undefined && longest > maxLength)
		throw new UsageError(
			`--length: ${formatCount(longest)} tokens are more than the ${formatCount(maxLength)} that "${settings.init}" takes; longspan lengthen makes a model for longer texts`,
		);
	const vocabulary = config.vocab_size as number | undefined;
	if (vocabulary !== undefined && tokenizer.vocabularySize > vocabulary)
		throw new UsageError(
			`--init: the tokenizer of "${settings.init}" has ${formatCount(tokenizer.vocabularySize)} tokens, its model ${formatCount(vocabulary)}; expected those of one checkpoint`,
		);
	await then(
		trainee.task === "masked-lm"
			? maskedObjective({ model: trainee.model, tokenizer, settings })
			: classificationObjective({ model: trainee.model, tokenizer, settings }, trainee.texts as LabelledTexts),
	);
}

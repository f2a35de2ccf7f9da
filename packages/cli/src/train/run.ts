import { treeTensors } from "longspan";
import { type DeviceSettings, startDevice } from "../device-options.js";
import { UsageError } from "../errors.js";
import { withValues } from "../models/load-model.js";
import { formatCount } from "../output/format.js";
import { type Checkpoint, checkpointFiles, RunFolder, type RunLock, readMetrics } from "../runs/index.js";
import { openData } from "./data.js";
import { historyOf } from "./history.js";
import { languageSession } from "./language-session.js";
import { languageSubject } from "./language-subject.js";
import { Learner } from "./learner.js";
import { checkLengths, configOf, createModel } from "./model.js";
import { noteChanges } from "./note-changes.js";
import { type GivenOptions, type RunOptions, withDefaults } from "./options.js";
import { resumedOptions } from "./resume-options.js";
import { parseRunOptions } from "./run-settings.js";
import { runSession } from "./session.js";
import { checkConfig, snapshotOf, stateOf } from "./state.js";

/** What may differ from one part of a run to the next. */
export interface Circumstances extends DeviceSettings {
	/** Whether stdout gets one JSON document and nothing else. */
	readonly json: boolean;
}

/** A run that is to go on. */
export interface FoundRun {
	readonly folder: string;
	readonly lock: RunLock;
	/** Of its last checkpoint. */
	readonly path: string;
	readonly checkpoint: Checkpoint;
}

/** Throws `UsageError` if a run has done all its steps. */
export function checkStepsLeft({ step, loss }: Checkpoint, steps: number, folder: string): void {
	// After the last step there may be an evaluation to do.
	if (step > steps || (step === steps && loss !== null))
		throw new UsageError(
			`--resume: the run in "${folder}" has done ${formatCount(step)} steps; give a larger number by --steps to go further`,
		);
}

/** Starts a run in a folder. Nothing is written before it is known that everything fits. */
export async function startRun(folder: string, given: GivenOptions, circumstances: Circumstances): Promise<void> {
	const options = withDefaults(given);
	const settings = parseRunOptions(options);
	const data = await openData(settings, settings.tokenizer);
	const config = configOf(settings, data);
	checkLengths(config, [...settings.lengths, data.heldOutSummary.length]);
	const device = await startDevice(circumstances);
	try {
		const trained = createModel(config, settings.seed);
		const learner = new Learner(device, languageSubject(trained, device), trained.model.parameters, settings);
		const run = RunFolder.create(folder, settings);
		const session = { device, learner, run, folder, options, settings, data, config, history: historyOf([]) };
		await runSession(languageSession(session, circumstances));
	} finally {
		device.dispose();
	}
}

/** Goes on with the run of a language model from a checkpoint. Nothing is changed there before it is known that it can. */
export async function goOnTraining(
	{ folder, lock, path, checkpoint }: FoundRun,
	given: GivenOptions,
	circumstances: Circumstances,
): Promise<void> {
	const state = stateOf(checkpoint, path);
	const options = resumedOptions<RunOptions>(state, given, folder, parseRunOptions);
	const settings = parseRunOptions(options);
	checkStepsLeft(checkpoint, settings.steps, folder);
	// The tokenizer that the run began with, wherever that is now.
	const data = await openData(settings, settings.tokenizer && path);
	const config = configOf(settings, data);
	checkConfig(checkpoint, config, path);
	const device = await startDevice(circumstances);
	try {
		noteChanges(state, { data: data.summary, device: device.description });
		const trained = createModel(config, settings.seed);
		const { model } = trained;
		const snapshot = snapshotOf(checkpoint, state, path);
		const parameters = withValues(model.parameters, snapshot.weights, `${path}/${checkpointFiles.weights}`);
		for (const weight of treeTensors(model.parameters)) weight.dispose();
		const learner = new Learner(device, languageSubject(trained, device), parameters, settings);
		learner.restore(snapshot);
		const run = RunFolder.goOn(folder, checkpoint, lock, settings);
		const history = historyOf(readMetrics(folder));
		const session = { device, learner, run, folder, options, settings, data, config, history };
		await runSession(languageSession(session, circumstances));
	} finally {
		device.dispose();
	}
}

import { treeTensors } from "longspan";
import { type DeviceSettings, startDevice } from "../device-options.js";
import { InputError, UsageError } from "../errors.js";
import { withValues } from "../models/load-model.js";
import { formatCount } from "../output/format.js";
import {
	type Checkpoint,
	checkpointFiles,
	findCheckpoint,
	listCheckpoints,
	RunFolder,
	readCheckpoint,
	readMetrics,
} from "../runs/index.js";
import { openData } from "./data.js";
import { historyOf } from "./history.js";
import { Learner } from "./learner.js";
import { configOf, createModel } from "./model.js";
import { noteChanges } from "./note-changes.js";
import { type GivenOptions, withDefaults } from "./options.js";
import { resumedOptions } from "./resume-options.js";
import { parseRunOptions } from "./run-settings.js";
import { runSession } from "./session.js";
import { checkConfig, snapshotOf, stateOf } from "./state.js";

/** What may differ from one part of a run to the next. */
export interface Circumstances extends DeviceSettings {
	/** Whether stdout gets one JSON document and nothing else. */
	readonly json: boolean;
}

/** Starts a run in a folder. Nothing is written before it is known that everything fits. */
export async function startRun(folder: string, given: GivenOptions, circumstances: Circumstances): Promise<void> {
	const options = withDefaults(given);
	const settings = parseRunOptions(options);
	const data = await openData(settings, settings.tokenizer);
	const config = configOf(settings, data);
	const device = await startDevice(circumstances);
	try {
		const { model, measured } = createModel(config, settings.seed);
		const learner = new Learner(device, model, model.parameters, measured, settings);
		const run = RunFolder.create(folder, settings);
		const history = historyOf([]);
		await runSession({
			...{ device, learner, run, folder, options, settings, data, config, history },
			json: circumstances.json,
		});
	} finally {
		device.dispose();
	}
}

/** Goes on with the run in a folder from its last checkpoint. Nothing is changed there before it is known that it can. */
export async function resumeRun(folder: string, given: GivenOptions, circumstances: Circumstances): Promise<void> {
	const path = findCheckpoint(folder, "last");
	if (path === folder)
		throw new UsageError(
			`--resume: "${folder}" is a checkpoint; expected the folder of its run, which goes on from the last`,
		);
	const checkpoint = readLast(folder, path);
	const state = stateOf(checkpoint, path);
	const options = resumedOptions(state, given, folder);
	const settings = parseRunOptions(options);
	const { step } = checkpoint;
	if (step >= settings.steps && checkpoint.loss !== null)
		throw new UsageError(
			`--resume: the run in "${folder}" is complete after ${formatCount(step)} steps; give a larger number by --steps to go further`,
		);
	// The tokenizer that the run began with, wherever that is now.
	const data = await openData(settings, settings.tokenizer && path);
	const config = configOf(settings, data);
	checkConfig(checkpoint, config, path);
	const device = await startDevice(circumstances);
	try {
		noteChanges(state, { data: data.summary, device: device.description });
		const { model, measured } = createModel(config, settings.seed);
		const snapshot = snapshotOf(checkpoint, state, path);
		const parameters = withValues(model.parameters, snapshot.weights, `${path}/${checkpointFiles.weights}`);
		for (const weight of treeTensors(model.parameters)) weight.dispose();
		const learner = new Learner(device, model, parameters, measured, settings);
		learner.restore(snapshot);
		const { run } = RunFolder.resume(folder, "last", settings);
		const history = historyOf(readMetrics(folder));
		await runSession({
			...{ device, learner, run, folder, options, settings, data, config, history },
			json: circumstances.json,
		});
	} finally {
		device.dispose();
	}
}

/** Reads the last checkpoint of a run; if it is damaged, the error says how to do without it. */
function readLast(folder: string, path: string): Checkpoint {
	try {
		return readCheckpoint(path);
	} catch (error) {
		if (!(error instanceof InputError) || listCheckpoints(folder).length < 2) throw error;
		throw new InputError(`${error.message}; --resume goes on from the one before when "${path}" is removed`);
	}
}

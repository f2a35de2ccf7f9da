import { treeTensors } from "longspan";
import { type DeviceSettings, startDevice } from "../device-options.js";
import { UsageError } from "../errors.js";
import { withValues } from "../models/load-model.js";
import { formatCount } from "../output/format.js";
import { parseInteger } from "../parse-number.js";
import {
	checkpointFiles,
	findCheckpoint,
	RunFolder,
	type RunLock,
	readCheckpoint,
	readMetrics,
	takeRun,
} from "../runs/index.js";
import { openData } from "./data.js";
import { historyOf } from "./history.js";
import { Learner } from "./learner.js";
import { checkLengths, configOf, createModel } from "./model.js";
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
	checkLengths(config, [...settings.lengths, data.heldOutSummary.length]);
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
	const lock = takeRun(folder);
	try {
		await goOn(folder, lock, given, circumstances);
	} finally {
		lock.release();
	}
}

async function goOn(folder: string, lock: RunLock, given: GivenOptions, circumstances: Circumstances): Promise<void> {
	const path = findCheckpoint(folder, "last");
	const checkpoint = readCheckpoint(path, { goesOn: true });
	const state = stateOf(checkpoint, path);
	const options = resumedOptions(state, given, folder);
	const { step, loss } = checkpoint;
	const steps = parseInteger("--steps", options.steps, 1);
	// After the last step there may be an evaluation to do.
	if (step > steps || (step === steps && loss !== null))
		throw new UsageError(
			`--resume: the run in "${folder}" has done ${formatCount(step)} steps; give a larger number by --steps to go further`,
		);
	const settings = parseRunOptions(options);
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
		const run = RunFolder.goOn(folder, checkpoint, lock, settings);
		const history = historyOf(readMetrics(folder));
		await runSession({
			...{ device, learner, run, folder, options, settings, data, config, history },
			json: circumstances.json,
		});
	} finally {
		device.dispose();
	}
}

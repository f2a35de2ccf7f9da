import { type Device, OutOfMemoryError, TrainingError } from "longspan";
import { exitCode } from "../errors.js";
import { describeMachine } from "../machine.js";
import type { ModelConfig } from "../models/config.js";
import { checkWritable } from "../output/write-file.js";
import { packageVersion } from "../package-info.js";
import type { RunFolder } from "../runs/index.js";
import type { TrainingData } from "./data.js";
import { explainFailure, explainShortage } from "./explain-failure.js";
import { bestOf, type History, totalsOf } from "./history.js";
import { listenForInterrupt } from "./interrupt.js";
import type { Learner } from "./learner.js";
import { trainLoop } from "./loop.js";
import type { RunOptions } from "./options.js";
import { createTrainingProgress } from "./progress.js";
import { reportPath, writeReport } from "./report/write-report.js";
import type { TrainResult } from "./result.js";
import type { RunSettings } from "./settings.js";
import { checkpointOf } from "./state.js";
import { summaryText } from "./summary.js";

/** A run that is ready to begin or to go on. */
export interface Session {
	readonly device: Device;
	readonly learner: Learner;
	readonly run: RunFolder;
	/** Its folder, as given. */
	readonly folder: string;
	readonly options: RunOptions;
	readonly settings: RunSettings;
	readonly data: TrainingData;
	readonly config: ModelConfig;
	/** Of the run so far. */
	readonly history: History;
	readonly json: boolean;
}

/** Trains, saves, and tells of it on stdout and in the report of the folder. Sets the exit code when it is interrupted. */
export async function runSession(session: Session): Promise<void> {
	const { device, learner, run, folder, settings, data, config, history, json } = session;
	const progress = createTrainingProgress(settings.steps);
	const interrupt = listenForInterrupt();
	const result = (): TrainResult => resultOf(session, interrupt.requested);
	let final: TrainResult;
	try {
		checkWritable(reportPath(folder));
		progress.start(learner.steps);
		await trainLoop({
			...{ learner, data, settings, run, history },
			stopped: () => interrupt.requested,
			peakBytes: () => device.memoryStats().peakBytes,
			onStep: (line, bytes) => progress.step(line, bytes, device.memoryStats().peakBytes),
			onHeldOut: progress.heldOut,
			async save(heldOut) {
				const state = {
					options: session.options,
					directory: process.cwd(),
					data: data.summary,
					device: device.description,
				};
				const snapshot = await learner.snapshot();
				run.save(checkpointOf(snapshot, state, config, data.tokenizer, heldOut?.bitsPerByte ?? null));
				await writeReport(result(), history);
			},
		});
		final = result();
		progress.finish(!final.interrupted);
	} catch (error) {
		progress.finish(false);
		if (error instanceof OutOfMemoryError) throw explainShortage(error, run.list().at(-1));
		if (!(error instanceof TrainingError)) throw error;
		await writeReport(result(), history);
		throw explainFailure(error, run.list().at(-1), settings);
	} finally {
		interrupt.stop();
		run.close();
		learner.dispose();
	}
	process.stdout.write(json ? `${JSON.stringify(final, null, "\t")}\n` : summaryText(final));
	if (final.interrupted) process.exitCode = exitCode.interrupted;
}

function resultOf(session: Session, requested: boolean): TrainResult {
	const { device, learner, run, folder, options, settings, data, config, history } = session;
	const { seconds, tokens } = totalsOf(history);
	return {
		version: packageVersion(),
		date: new Date().toISOString(),
		machine: describeMachine(device),
		...{ folder, options, config },
		parameters: learner.parameterCount,
		...{ data: data.summary, heldOut: data.heldOutSummary },
		step: learner.steps,
		steps: settings.steps,
		interrupted: requested && learner.steps < settings.steps,
		...{ seconds, tokens, tokensPerSecond: tokens / Math.max(seconds, Number.MIN_VALUE) },
		peakBytes: device.memoryStats().peakBytes,
		last: history.heldOut.at(-1) ?? null,
		best: bestOf(history),
		checkpoints: run.list(),
	};
}

import { type Device, OutOfMemoryError, type TensorTree, TrainingError } from "longspan";
import { exitCode } from "../errors.js";
import { describeMachine } from "../machine.js";
import { checkWritable } from "../output/write-file.js";
import { packageVersion } from "../package-info.js";
import type { Checkpoint, RunFolder } from "../runs/index.js";
import { explainFailure, explainShortage } from "./explain-failure.js";
import { bestOf, type History, scoreOf, totalsOf } from "./history.js";
import { listenForInterrupt } from "./interrupt.js";
import type { Learner, LearnerSettings, Snapshot } from "./learner.js";
import { type LoopData, type LoopSettings, trainLoop } from "./loop.js";
import { createTrainingProgress } from "./progress.js";
import { reportPath, writeReport } from "./report/write-report.js";
import type { RunDescription, RunResult } from "./result.js";
import { summaryText } from "./summary.js";

/** A run that is ready to begin or to go on. */
export interface Session<P extends TensorTree, Batch, Loaded, Result extends RunResult> {
	readonly device: Device;
	readonly learner: Learner<P, Batch, Loaded>;
	readonly run: RunFolder;
	/** Its folder, as given. */
	readonly folder: string;
	readonly settings: LoopSettings & LearnerSettings;
	readonly data: LoopData<Batch>;
	/** Of the run so far. */
	readonly history: History;
	/** Whether stdout gets one JSON document and nothing else. */
	readonly json: boolean;
	/** Options that make the model or its texts smaller, for errors. */
	readonly sizes: readonly string[];
	/** A snapshot as it is saved. `score`: of the evaluation after its step, if there was one. */
	checkpointOf(snapshot: Snapshot, score: number | null): Checkpoint;
	/** Called when a checkpoint has been saved. */
	saved?(): void;
	/** What came of the run, with what is told of this kind of runs alone. */
	resultOf(result: RunResult): Result;
	describe(result: Result): RunDescription;
}

/** Trains, saves, and tells of it on stdout and in the report of the folder. Sets the exit code when it is interrupted. */
export async function runSession<P extends TensorTree, Batch, Loaded, Result extends RunResult>(
	session: Session<P, Batch, Loaded, Result>,
): Promise<void> {
	const { device, learner, run, folder, settings, data, history, json } = session;
	const progress = createTrainingProgress(settings.steps);
	const interrupt = listenForInterrupt();
	const result = () => session.resultOf(commonResult(session, interrupt.requested));
	const report = () => {
		const now = result();
		return writeReport(now, session.describe(now), history);
	};
	let final: Result;
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
				run.save(session.checkpointOf(await learner.snapshot(), heldOut && scoreOf(heldOut)));
				session.saved?.();
				await report();
			},
		});
		final = result();
		progress.finish(!final.interrupted);
	} catch (error) {
		progress.finish(false);
		if (error instanceof OutOfMemoryError) throw explainShortage(error, run.list().at(-1), session.sizes);
		if (!(error instanceof TrainingError)) throw error;
		await report();
		throw explainFailure(error, run.list().at(-1), settings);
	} finally {
		interrupt.stop();
		run.close();
		learner.dispose();
	}
	process.stdout.write(json ? `${JSON.stringify(final, null, "\t")}\n` : summaryText(final, session.describe(final)));
	if (final.interrupted) process.exitCode = exitCode.interrupted;
}

type Common = Pick<Session<never, never, never, RunResult>, "device" | "run" | "folder" | "settings" | "history"> & {
	readonly learner: Pick<Learner<never, never, never>, "steps" | "parameterCount">;
};

function commonResult({ device, learner, run, folder, settings, history }: Common, requested: boolean): RunResult {
	const { seconds, tokens } = totalsOf(history);
	return {
		version: packageVersion(),
		date: new Date().toISOString(),
		machine: describeMachine(device),
		folder,
		parameters: learner.parameterCount,
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

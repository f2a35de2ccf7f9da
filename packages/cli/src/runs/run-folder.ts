import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError } from "../errors.js";
import { makeFolder } from "../models/save-model.js";
import { formatCount } from "../output/format.js";
import type { Checkpoint } from "./checkpoint.js";
import { syncFolder, writing } from "./durable-files.js";
import {
	bestOf,
	type CheckpointPlace,
	findCheckpoint,
	isCheckpoint,
	listCheckpoints,
	type Which,
} from "./find-checkpoint.js";
import { checkpointFolders, checkpointName, runFiles } from "./folder-names.js";
import { lockRun, type RunLock } from "./lock.js";
import { type Metric, MetricsLog, readMetrics } from "./metrics.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { removeCheckpoint, settle, writeCheckpoint } from "./write-checkpoint.js";

/** How a run keeps its checkpoints. */
export interface RunFolderOptions {
	/** Checkpoints to keep, at least 1, beside the best one; 2 by default. */
	readonly keep?: number;
}

/**
 * The folder of a training run: checkpoints in `checkpoints/step-00001000/` and so on, and a line for each step in `metrics.jsonl`.
 * A process that is killed at any moment leaves every complete checkpoint as it was. Only one process can write into a folder at a time.
 */
export class RunFolder {
	private readonly checkpoints: string;

	private constructor(
		readonly path: string,
		private readonly keep: number,
		private readonly metrics: MetricsLog,
		/** Step of the checkpoint the run went on from until it has saved one of its own. */
		private origin: number | null,
		private readonly lock: RunLock,
	) {
		this.checkpoints = join(path, runFiles.checkpoints);
	}

	/**
	 * Makes the folder of a new run.
	 *
	 * @throws InputError if it holds a run already, is in use, or cannot be written
	 */
	static create(path: string, { keep = 2 }: RunFolderOptions = {}): RunFolder {
		makeFolder(path);
		const lock = lockRun(path);
		return releasing(lock, () => {
			checkUnused(path);
			makeFolder(join(path, runFiles.checkpoints));
			settleFolder(path);
			return RunFolder.open(path, keep, null, lock);
		});
	}

	/**
	 * Opens the folder of a run to go on with it from a checkpoint. Its metrics are cut back to that step; later checkpoints are removed
	 * when the run has saved one again.
	 *
	 * @throws InputError if there is no checkpoint, it is damaged, or the folder is in use; nothing is changed then
	 */
	static resume(
		path: string,
		which: Which = "last",
		{ keep = 2 }: RunFolderOptions = {},
	): { run: RunFolder; checkpoint: Checkpoint } {
		const lock = takeRun(path);
		return releasing(lock, () => {
			const checkpoint = readCheckpoint(findCheckpoint(path, which), { goesOn: which === "last" });
			return { run: RunFolder.goOn(path, checkpoint, lock, { keep }), checkpoint };
		});
	}

	/** As `resume`, from a checkpoint of the folder that has been read, under a lock of the caller (`takeRun`), which closing releases. */
	static goOn(path: string, { step }: Checkpoint, lock: RunLock, { keep = 2 }: RunFolderOptions = {}): RunFolder {
		return RunFolder.open(path, keep, step, lock);
	}

	private static open(path: string, keep: number, origin: number | null, lock: RunLock): RunFolder {
		return writing(
			() => {
				const metrics = MetricsLog.open(path, origin ?? -1);
				syncFolder(path);
				return new RunFolder(path, keep, metrics, origin, lock);
			},
			(cause) => `cannot write into "${path}": ${cause}`,
		);
	}

	/** Notes what came of a step. */
	log(metric: Metric): void {
		this.writing("write the metrics of", metric.step, () => this.metrics.append(metric));
	}

	/**
	 * Saves a checkpoint, and then removes those that need not be kept. Returns its path.
	 *
	 * @throws InputError, for example if the disk is full; earlier checkpoints are intact then
	 */
	save(checkpoint: Checkpoint): string {
		const { step } = checkpoint;
		this.writing("save", step, () => {
			this.metrics.sync();
			mkdirSync(this.checkpoints, { recursive: true });
			writeCheckpoint(this.checkpoints, checkpoint);
		});
		writing(
			() => this.removeOld(step),
			(cause) => `cannot remove old checkpoints in "${this.path}": ${cause}`,
		);
		return join(this.checkpoints, checkpointName(step));
	}

	/** The checkpoints there are, by step. */
	list(): CheckpointPlace[] {
		return listCheckpoints(this.path);
	}

	close(): void {
		this.metrics.close();
		this.lock.release();
	}

	private removeOld(saved: number): void {
		const { origin } = this;
		const found = this.list();
		const abandoned = found.filter(({ step }) => origin !== null && step > origin && step !== saved);
		const own = found.filter((checkpoint) => !abandoned.includes(checkpoint));
		const kept = new Set([...own.slice(-this.keep), bestOf(own)]);
		for (const checkpoint of found) if (!kept.has(checkpoint)) removeCheckpoint(checkpoint.path, checkpoint.step);
		this.origin = null;
	}

	private writing(task: string, step: number, operation: () => void): void {
		writing(operation, (cause) => {
			const last = this.list().at(-1);
			const state = last
				? `the checkpoint of step ${formatCount(last.step)} is intact: go on from it by --resume when that is put right`
				: "there is no checkpoint yet";
			return `cannot ${task} step ${formatCount(step)} in "${resolve(this.path)}": ${cause}; ${state}`;
		});
	}
}

/**
 * Takes the folder of a run that is to go on for this process, and puts it in order after a process that was killed.
 *
 * @throws InputError if there is no run, it is in use, or the folder cannot be written
 */
export function takeRun(path: string): RunLock {
	if (isCheckpoint(path))
		throw new InputError(`"${path}" is a checkpoint; expected the folder of its run, which goes on from the last`);
	// Nothing is written into the folder of something else.
	if (checkpointFolders(path).length === 0) findCheckpoint(path, "last");
	const lock = lockRun(path);
	return releasing(lock, () => {
		settleFolder(path);
		return lock;
	});
}

function checkUnused(path: string): void {
	if (checkpointFolders(path).some(({ passing }) => passing === null || passing === "replaced"))
		throw new InputError(`"${path}" holds a run already: go on with it by --resume, or give another folder`);
	// One that ended before its first step has left nothing.
	if (readMetrics(path).some(({ step }) => step > 0))
		throw new InputError(
			`"${path}" holds ${runFiles.metrics} of a run that has saved no checkpoint: delete that file, or give another folder`,
		);
}

/** Releases a lock where an operation fails. */
function releasing<T>(lock: RunLock, operation: () => T): T {
	try {
		return operation();
	} catch (error) {
		lock.release();
		throw error;
	}
}

function settleFolder(path: string): void {
	writing(
		() => settle(path),
		(cause) => `cannot write into "${path}": ${cause}`,
	);
}

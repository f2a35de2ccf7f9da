import { UsageError } from "../errors.js";
import { goOnFineTuning } from "../fine-tune/run.js";
import { isFineTuning } from "../fine-tune/state.js";
import { findCheckpoint, readCheckpoint, takeRun } from "../runs/index.js";
import type { TrainOptions } from "./command.js";
import { type Circumstances, goOnTraining } from "./run.js";

/** Goes on with the run in a folder from its last checkpoint. Nothing is changed there before it is known that it can. */
export async function resumeRun(folder: string, given: TrainOptions, circumstances: Circumstances): Promise<void> {
	const lock = takeRun(folder);
	try {
		const path = findCheckpoint(folder, "last");
		const checkpoint = readCheckpoint(path, { goesOn: true });
		const found = { folder, lock, path, checkpoint };
		if (isFineTuning(checkpoint.state)) return await goOnFineTuning(found, given, circumstances);
		const { init, objective, ...rest } = given;
		for (const [name, value] of Object.entries({ init, objective }))
			if (value !== undefined)
				throw new UsageError(`--${name}: the run in "${folder}" is of a model from the start; leave it out`);
		await goOnTraining(found, rest, circumstances);
	} finally {
		lock.release();
	}
}

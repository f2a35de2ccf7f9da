import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../errors.js";
import { syncFolder, writing } from "../runs/durable-files.js";
import { readManifest } from "../runs/find-checkpoint.js";
import { checkpointFiles, findCheckpoint } from "../runs/index.js";

/** Name of the folder of the model in that of its run. */
export const modelFolder = "model";

/**
 * Makes the folder `model` of a run that of its best checkpoint, with the moving average of the weights if there is one. Its files are
 * those of the checkpoint, linked where the file system can.
 *
 * @throws InputError if the folder cannot be written
 */
export function publishModel(run: string): void {
	const [target, draft, before] = [modelFolder, `${modelFolder}.draft`, `${modelFolder}.before`].map((name) =>
		join(run, name),
	) as [string, string, string];
	writing(
		() => {
			const checkpoint = findCheckpoint(run, "best");
			for (const path of [draft, before]) rmSync(path, { recursive: true, force: true });
			mkdirSync(draft);
			const { weights, average, optimizer } = checkpointFiles;
			const files = Object.keys(readManifest(checkpoint).files);
			for (const name of files) {
				if (name === optimizer || (name === weights && files.includes(average))) continue;
				place(join(checkpoint, name), join(draft, name === average ? weights : name));
			}
			syncFolder(draft);
			if (existsSync(target)) renameSync(target, before);
			renameSync(draft, target);
			syncFolder(run);
			rmSync(before, { recursive: true, force: true });
		},
		(cause) => `cannot write "${target}": ${cause}`,
	);
}

function place(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch (error) {
		if (!isSystemError(error) || error.code === "ENOSPC") throw error;
		copyFileSync(from, to);
	}
}

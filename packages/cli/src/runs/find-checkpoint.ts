import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { reading } from "../data/list-files.js";
import { InputError } from "../errors.js";
import { checkpointFiles } from "./checkpoint.js";
import { checkpointFolders } from "./folder-names.js";
import { type Manifest, parseManifest } from "./manifest.js";

/** A complete checkpoint on the disk. */
export interface CheckpointPlace {
	readonly path: string;
	readonly step: number;
	/** null if it was not measured, or cannot be read. */
	readonly loss: number | null;
}

/** The one of the latest step, or the one of the lowest loss. */
export type Which = "last" | "best";

/** Whether a folder is a checkpoint itself. */
export function isCheckpoint(folder: string): boolean {
	return existsSync(join(folder, checkpointFiles.training));
}

/** The checkpoints of a run by step. */
export function listCheckpoints(run: string): CheckpointPlace[] {
	return checkpointFolders(run)
		.filter(({ passing }) => passing === null)
		.map(({ path, step }) => ({ path, step, loss: lossOf(path) }));
}

function lossOf(path: string): number | null {
	try {
		return readManifest(path).loss;
	} catch (error) {
		// Who asks for this checkpoint is told; others are not kept from theirs.
		if (error instanceof InputError) return null;
		throw error;
	}
}

/** Reads what belongs to a checkpoint. Throws `InputError` naming the file. */
export function readManifest(path: string): Manifest {
	const file = join(path, checkpointFiles.training);
	return parseManifest(
		reading(file, () => readFileSync(file, "utf8")),
		file,
	);
}

/** The checkpoint of the lowest loss, the later one of equals; undefined where none was measured. */
export function bestOf(checkpoints: readonly CheckpointPlace[]): CheckpointPlace | undefined {
	return checkpoints
		.filter(({ loss }) => loss !== null)
		.reduce<CheckpointPlace | undefined>(
			(best, found) => (best && (best.loss as number) < (found.loss as number) ? best : found),
			undefined,
		);
}

/**
 * Path of a checkpoint in the folder of a run; that folder itself if it is a checkpoint. Where no loss was measured, the last is the
 * best. Changes nothing, so that it can be asked while the run goes on.
 *
 * @throws InputError if there is none
 */
export function findCheckpoint(folder: string, which: Which): string {
	if (isCheckpoint(folder)) return folder;
	if (!reading(folder, () => statSync(folder)).isDirectory())
		throw new InputError(`"${folder}" is a file; expected the folder of a run or of a checkpoint`);
	const checkpoints = listCheckpoints(folder);
	const last = checkpoints[checkpoints.length - 1];
	const found = which === "best" ? (bestOf(checkpoints) ?? last) : last;
	if (!found)
		throw new InputError(
			`"${folder}" holds no checkpoint; expected a folder that \`longspan train --out\` has saved into`,
		);
	return found.path;
}

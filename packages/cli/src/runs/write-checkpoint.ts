import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeSafetensors } from "longspan";
import { type Checkpoint, checkpointFiles } from "./checkpoint.js";
import { syncFolder, writeDurably } from "./durable-files.js";
import { checkpointFolders, checkpointName, type Passing, passingName } from "./folder-names.js";
import { type FileMark, manifestText, markOf } from "./manifest.js";

/** What Python's transformers asks of a file of weights. */
const metadata = new Map([["format", "pt"]]);

/**
 * Writes a checkpoint into its folder in `folder`: under another name, onto the disk, and renamed when it is complete. One of the same
 * step is replaced. Whatever ends the process on the way leaves what `settle` puts in order.
 */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): void {
	const { step, loss, state } = checkpoint;
	const place = (kind?: Passing) => join(folder, kind ? passingName(kind, step) : checkpointName(step));
	const [draft, target, replaced] = [place("draft"), place(), place("replaced")];
	try {
		rmSync(draft, { recursive: true, force: true });
		mkdirSync(draft);
		const files: Record<string, FileMark> = {};
		const write = (name: string, content: Uint8Array) => {
			files[name] = markOf(content);
			writeDurably(join(draft, name), content);
		};
		for (const [name, tensors] of checkpoint.tensors) write(name, encodeSafetensors(tensors, metadata));
		for (const [name, text] of checkpoint.texts) write(name, Buffer.from(text));
		writeDurably(join(draft, checkpointFiles.training), manifestText({ step, loss, files, state }));
		syncFolder(draft);
		if (existsSync(target)) renameSync(target, replaced);
		renameSync(draft, target);
		syncFolder(folder);
	} catch (error) {
		rmSync(draft, { recursive: true, force: true });
		if (existsSync(replaced) && !existsSync(target)) renameSync(replaced, target);
		throw error;
	}
	rmSync(replaced, { recursive: true, force: true });
}

/** Deletes a checkpoint so that it never looks complete when it is not. */
export function removeCheckpoint(path: string, step: number): void {
	const removed = join(dirname(path), passingName("removed", step));
	rmSync(removed, { recursive: true, force: true });
	renameSync(path, removed);
	rmSync(removed, { recursive: true, force: true });
}

/** Puts the folder of a run in order after its process was killed: drafts go, and a checkpoint that was about to be replaced comes back. */
export function settle(run: string): void {
	for (const { path, step, passing } of checkpointFolders(run)) {
		if (passing === null) continue;
		const target = join(dirname(path), checkpointName(step));
		if (passing === "replaced" && !existsSync(target)) renameSync(path, target);
		else rmSync(path, { recursive: true, force: true });
	}
}

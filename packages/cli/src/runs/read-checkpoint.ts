import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { decodeSafetensors, LongspanError, type StoredTensor } from "longspan";
import { reading } from "../data/list-files.js";
import { InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import type { Checkpoint } from "./checkpoint.js";
import { listCheckpoints, readManifest } from "./find-checkpoint.js";
import { type FileMark, markOf } from "./manifest.js";

const tensorsEnd = ".safetensors";

/**
 * Reads a checkpoint and checks that every file is the one that was saved. `wanted` says which files to read by their names; all by
 * default.
 *
 * @throws InputError naming the file that is missing, cut off or another, and how to do without it: by another checkpoint of the run,
 * or, where a run is to go on from its last, by removing that
 */
export function readCheckpoint(
	path: string,
	{ wanted = () => true, goesOn = false }: { wanted?: (name: string) => boolean; goesOn?: boolean } = {},
): Checkpoint {
	try {
		const { step, loss, files, state } = readManifest(path);
		const tensors = new Map<string, ReadonlyMap<string, StoredTensor>>();
		const texts = new Map<string, string>();
		for (const [name, mark] of Object.entries(files)) {
			if (!wanted(name)) continue;
			const content = readMarked(join(path, name), mark);
			if (name.endsWith(tensorsEnd)) tensors.set(name, decode(join(path, name), content));
			else texts.set(name, content.toString("utf8"));
		}
		return { step, loss, tensors, texts, state };
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		throw new InputError(`${error.message}; ${remedy(path, goesOn)}`);
	}
}

function readMarked(path: string, mark: FileMark): Buffer {
	const content = reading(path, () => readFileSync(path));
	if (content.length !== mark.bytes)
		throw new InputError(
			`"${path}" is damaged: it has ${formatCount(content.length)} bytes; expected the ${formatCount(mark.bytes)} that were saved`,
		);
	if (markOf(content).sha256 !== mark.sha256)
		throw new InputError(`"${path}" is damaged: it is not the file that was saved with this checkpoint`);
	return content;
}

function decode(path: string, content: Uint8Array): ReadonlyMap<string, StoredTensor> {
	try {
		return decodeSafetensors(content).tensors;
	} catch (error) {
		if (!(error instanceof LongspanError)) throw error;
		throw new InputError(`"${path}" cannot be used: ${error.message}`);
	}
}

/** What to do about a checkpoint that cannot be read. */
function remedy(path: string, goesOn: boolean): string {
	const own = basename(resolve(path));
	const others = listCheckpoints(dirname(dirname(resolve(path)))).filter((other) => basename(other.path) !== own);
	const before = others.at(-1);
	if (!before) return "the run has no other checkpoint: put the file back from a copy, or train again";
	if (goesOn) return `remove the folder "${path}" to go on from step ${formatCount(before.step)}, the one before`;
	const paths = others.map((other) => `"${join(dirname(path), basename(other.path))}"`);
	return `use another checkpoint of the run instead: ${paths.reverse().join(" or ")}`;
}

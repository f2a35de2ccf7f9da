import { OptionError } from "../../../errors.js";
import { explained } from "../folder.node.js";
import { codeOf, nodeModules } from "../node.js";
import { checkRelativePath } from "../relative-path.js";
import { indexFile, weightsFile } from "../weight-files.js";
import type { FileSink } from "./file-sink.js";

/** Files of weights, one of which would be read instead of the saved ones. */
const isWeights = (name: string) =>
	name === weightsFile || name === indexFile || /^model-\d+-of-\d+\.safetensors$/.test(name);

/**
 * Saves files into a folder, so that none is ever half written: they are written into a draft, and moved when all are complete. A new
 * folder appears as a whole; in one that exists, files of the same names are replaced, and weights of an earlier checkpoint removed if there
 * are new ones.
 *
 * @param write writes the files; if it throws, nothing is left
 * @throws OptionError naming the path that cannot be written
 */
export async function saveFolder(folder: string, write: (sink: FileSink) => Promise<void>): Promise<void> {
	const { fs, path: paths, crypto } = nodeModules();
	const target = paths.resolve(folder);
	const failing = (error: unknown) => {
		throw explained(folder, error);
	};
	const found = await fs.stat(target).catch((error) => (codeOf(error) === "ENOENT" ? undefined : failing(error)));
	if (found && !found.isDirectory()) throw new OptionError(`${folder}: it is a file; expected a folder to save into`);
	// Beside or in the folder, so that moving is renaming.
	const unique = `.draft-${crypto.randomUUID()}`;
	const draft = found ? paths.join(target, unique) : `${target}${unique}`;
	await fs.mkdir(draft, { recursive: true }).catch(failing);
	const saved: string[] = [];
	const sink: FileSink = {
		location: folder,
		async write(path, pieces) {
			checkRelativePath(folder, path);
			saved.push(path);
			await writeFile(paths.join(draft, path), paths.join(folder, path), pieces);
		},
	};
	try {
		await write(sink);
		if (!found) {
			await fs.rename(draft, target);
			return;
		}
		for (const path of saved) {
			await fs.mkdir(paths.dirname(paths.join(target, path)), { recursive: true });
			await fs.rename(paths.join(draft, path), paths.join(target, path));
		}
		if (saved.some(isWeights))
			for (const name of await fs.readdir(target))
				if (isWeights(name) && !saved.includes(name)) await fs.rm(paths.join(target, name));
	} catch (error) {
		failing(error);
	} finally {
		await fs.rm(draft, { recursive: true, force: true });
	}
}

/** Writes a file that is on the disk when this returns. */
async function writeFile(path: string, shown: string, pieces: Parameters<FileSink["write"]>[1]): Promise<void> {
	const { fs, path: paths } = nodeModules();
	await fs.mkdir(paths.dirname(path), { recursive: true });
	const file = await fs.open(path, "wx");
	try {
		for await (const bytes of pieces)
			for (let from = 0; from < bytes.length; ) from += (await file.write(bytes, from)).bytesWritten;
		await file.sync();
	} catch (error) {
		throw explained(shown, error);
	} finally {
		await file.close();
	}
}

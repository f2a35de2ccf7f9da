import { OptionError } from "../../errors.js";
import type { ModelFiles } from "./model-files.js";
import { codeOf, nodeModules } from "./node.js";
import { checkRelativePath } from "./relative-path.js";

/**
 * The files of a local folder. They are opened for each read, so there is nothing to close.
 *
 * @param location what the folder is called in errors. Default: its path
 */
export function folderFiles(folder: string, location: string = folder): ModelFiles {
	const { path: paths } = nodeModules();
	const placeOf = (path: string) => {
		checkRelativePath(location, path);
		return paths.join(folder, path);
	};
	return {
		location,
		size: async (path) => fileSize(placeOf(path)),
		read: async (path, begin, end) => readRange(placeOf(path), begin, end),
	};
}

/** Size of a file in bytes; undefined if there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
	try {
		const found = await nodeModules().fs.stat(path);
		if (!found.isFile()) throw new OptionError(`${path}: it is no file`);
		return found.size;
	} catch (error) {
		if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return undefined;
		throw explained(path, error);
	}
}

/** Bytes `begin` to `end` of a file. */
export async function readRange(path: string, begin: number, end: number): Promise<Uint8Array> {
	try {
		const file = await nodeModules().fs.open(path, "r");
		try {
			// Memory of its own, unlike that of small Buffers, so that elements in it are aligned; not filled with zeros first.
			const bytes = new Uint8Array(Buffer.allocUnsafeSlow(end - begin).buffer);
			for (let at = 0; at < bytes.length; ) {
				const { bytesRead } = await file.read(bytes, at, bytes.length - at, begin + at);
				if (bytesRead === 0)
					throw new OptionError(
						`${path}: it ends at ${begin + at}; expected ${end} bytes: it changed while it was read`,
					);
				at += bytesRead;
			}
			return bytes;
		} finally {
			await file.close();
		}
	} catch (error) {
		throw explained(path, error);
	}
}

const causes: Readonly<Record<string, string>> = {
	ENOENT: "there is no such file",
	EACCES: "permission denied",
	EISDIR: "it is a folder",
	EMFILE: "too many files are open",
	ENOSPC: "the disk is full",
	EDQUOT: "the disk quota is used up",
	EROFS: "the disk can only be read",
	ENOTDIR: "there is a file where a folder is expected",
};

/** An error of the system in one line that names the file; others as they are. */
export function explained(path: string, error: unknown): unknown {
	const code = codeOf(error);
	if (code === undefined || error instanceof OptionError) return error;
	return new OptionError(`${path}: ${causes[code] ?? (error as Error).message}`, { cause: error });
}

import { OptionError } from "../../errors.js";
import { checkFlag, checkFunction, describe, type OptionNames } from "../../ops/operands.js";
import { folderFiles } from "./folder.node.js";
import { hubFiles } from "./hub/hub-files.js";
import { isRepositoryId } from "./hub/repository-id.js";
import type { ModelFiles } from "./model-files.js";
import { inNode, nodeModules } from "./node.js";
import type { ProgressEvent } from "./progress.js";

/** Where the files of a checkpoint come from. */
export interface FilesOptions {
	/** Branch, tag or commit of a repository of the Hub. Default: "main". */
	revision?: string | undefined;
	/**
	 * In Node: folder of the cache, in the layout of Python's huggingface_hub. Default: that of Python, which the environment variables
	 * HF_HUB_CACHE and HF_HOME move. In browsers: name of the cache. Default: "longspan".
	 */
	cacheDir?: string | undefined;
	/** Whether only what was downloaded before is used, and the network is never asked. Default: whether HF_HUB_OFFLINE is 1. */
	localFilesOnly?: boolean | undefined;
	/** Access token of the Hub, for private and gated repositories. Default: the environment variable HF_TOKEN. */
	accessToken?: string | undefined;
	/** Called during downloads. */
	progress?: ((event: ProgressEvent) => void) | undefined;
	/** Address of the Hub. Default: the environment variable HF_ENDPOINT, or the public Hub. */
	hubUrl?: string | undefined;
}

export const filesOptionNames: OptionNames<FilesOptions> = {
	revision: true,
	cacheDir: true,
	localFilesOnly: true,
	accessToken: true,
	progress: true,
	hubUrl: true,
};

const name = "fromPretrained";

/**
 * Opens the files of a checkpoint: of a local folder if there is one of this name, else of a repository of the Hub. Files of the Hub are
 * downloaded when they are first read, and kept in the cache.
 *
 * @param idOrFolder "organisation/name", a folder, or files of one's own, which are returned as they are
 * @throws OptionError for an option outside its range, a folder that does not exist, or a repository that cannot be had
 */
export async function openModelFiles(idOrFolder: string | ModelFiles, options: FilesOptions = {}): Promise<ModelFiles> {
	for (const option of ["revision", "cacheDir", "accessToken", "hubUrl"] as const) {
		const value = options[option];
		if (value !== undefined && (typeof value !== "string" || value === ""))
			throw new OptionError(`${name}: ${option} is ${describe(value)}; expected a text`);
	}
	if (options.localFilesOnly !== undefined) checkFlag(name, "localFilesOnly", options.localFilesOnly);
	if (options.progress !== undefined) checkFunction(name, "progress", options.progress);
	if (isModelFiles(idOrFolder)) return idOrFolder;
	if (typeof idOrFolder !== "string" || idOrFolder === "")
		throw new OptionError(
			`${name}: the checkpoint is ${describe(idOrFolder)}; expected the id of a repository of the Hub, a folder, or an object with location, size and read`,
		);
	const kind = inNode ? await kindOf(idOrFolder) : "nothing";
	if (kind === "folder") return folderFiles(idOrFolder);
	if (kind === "file")
		throw new OptionError(`${name}: the checkpoint is the file "${idOrFolder}"; expected the folder that it is in`);
	if (!isRepositoryId(idOrFolder))
		throw new OptionError(
			`${name}: there is no folder "${idOrFolder}"${inNode ? "" : " that could be read outside Node"}, and it is no id of a repository of the Hub; expected either`,
		);
	return hubFiles(idOrFolder, options);
}

function isModelFiles(value: unknown): value is ModelFiles {
	return typeof value === "object" && value !== null && "size" in value && "read" in value && "location" in value;
}

async function kindOf(path: string): Promise<"folder" | "file" | "nothing"> {
	try {
		return (await nodeModules().fs.stat(path)).isDirectory() ? "folder" : "file";
	} catch {
		return "nothing";
	}
}

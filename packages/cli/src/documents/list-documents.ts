import { realpathSync, statSync } from "node:fs";
import { listFiles, reading } from "../data/list-files.js";
import { InputError } from "../errors.js";
import { namedKind } from "./document-kind.js";

/** A file to read, or why a path that was given cannot be. */
export interface ListedDocument {
	readonly path: string;
	readonly error?: InputError;
}

/**
 * The files of paths, folders and patterns, in order, each once. "-" is standard input. Of folders, files are listed whose names tell
 * that they are documents.
 */
export function listDocuments(paths: readonly string[]): ListedDocument[] {
	const listed = new Map<string, ListedDocument>();
	for (const path of paths) {
		try {
			for (const file of path === "-" ? [path] : filesOf(path))
				listed.set(file === "-" ? file : reading(file, () => realpathSync(file)), { path: file });
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			listed.set(`\0${path}`, { path, error });
		}
	}
	return [...listed.values()];
}

function filesOf(path: string): string[] {
	const files = listFiles([path]).map((file) => file.path);
	if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return files;
	const documents = files.filter((file) => namedKind(file) !== undefined);
	if (documents.length === 0)
		throw new InputError(
			`"${path}" is a folder without documents: .txt, .md, .html or .pdf; name other files to read them`,
		);
	return documents;
}

import { accessSync, constants, type Dirent, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError, isSystemError } from "../errors.js";
import { isPattern, matchPattern } from "./match-pattern.js";

/** A file with content. */
export interface SourceFile {
	readonly path: string;
	readonly size: number;
}

const causes: Readonly<Record<string, string>> = {
	ENOENT: "there is no such file or folder",
	EACCES: "permission denied",
	EPERM: "permission denied",
	ELOOP: "too many symbolic links",
	ENOTDIR: "a part of the path is not a folder",
	EISDIR: "it is a folder",
};

/** Runs a file operation and names the file in its error. */
export function reading<T>(path: string, operation: () => T): T {
	try {
		return operation();
	} catch (error) {
		if (!isSystemError(error)) throw error;
		throw new InputError(`cannot read "${path}": ${causes[error.code ?? ""] ?? error.message}`);
	}
}

/**
 * The files under the given paths, folders and patterns (such as `docs/*.md`), in a fixed order: as given, and by name within a
 * folder or pattern. Symbolic links and empty files are passed over there, and hidden files and `node_modules` that no pattern names.
 * Every file is listed once.
 *
 * @throws InputError naming what cannot be read, is empty, is no file, or matches nothing
 */
export function listFiles(paths: readonly string[]): SourceFile[] {
	// A file may be called what could be a pattern.
	const files = paths.flatMap((path) => (isPattern(path) && !existsSync(path) ? listMatches(path) : listPath(path)));
	return [...new Map(files.map((file) => [realpathSync(file.path), file])).values()];
}

function listMatches(pattern: string): SourceFile[] {
	const files = withContent(reading(pattern, () => matchPattern(pattern)));
	if (files.length === 0) throw new InputError(`"${pattern}" matches no file with content`);
	return files;
}

function listPath(path: string): SourceFile[] {
	const status = reading(path, () => statSync(path));
	if (status.isDirectory()) {
		const files = listFolder(path);
		if (files.length === 0) throw new InputError(`"${path}" is a folder without files to read`);
		return files;
	}
	if (!status.isFile()) throw new InputError(`cannot read "${path}": it is neither a file nor a folder`);
	if (status.size === 0) throw new InputError(`"${path}" is empty`);
	return [checkedFile(path, status.size)];
}

function listFolder(folder: string): SourceFile[] {
	const entries = reading(folder, () => readdirSync(folder, { withFileTypes: true }));
	entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	return entries.filter(isWanted).flatMap((entry) => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? listFolder(path) : withContent([path]);
	});
}

function withContent(paths: readonly string[]): SourceFile[] {
	return paths.flatMap((path) => {
		const { size } = reading(path, () => statSync(path));
		return size === 0 ? [] : [checkedFile(path, size)];
	});
}

function isWanted(entry: Dirent): boolean {
	return !entry.name.startsWith(".") && entry.name !== "node_modules" && (entry.isDirectory() || entry.isFile());
}

/** Learns now, not after minutes of measuring, that a file may not be read. */
function checkedFile(path: string, size: number): SourceFile {
	reading(path, () => accessSync(path, constants.R_OK));
	return { path, size };
}

import { join } from "node:path";
import { globSync, isDynamicPattern } from "tinyglobby";

const installed = "node_modules";

/** Whether a path has parts that stand for many names: `*`, `?`, `[a-z]`, `{a,b}`. */
export function isPattern(path: string): boolean {
	return isDynamicPattern(path);
}

/**
 * The files that match a glob pattern, sorted by path. `**` stands for any folders. Symbolic links are passed over, and hidden
 * files and `node_modules` unless the pattern names them.
 */
export function matchPattern(pattern: string): string[] {
	// Searched from the first folder on that is not named, or what is to be ignored would only be so below the current one.
	const [folder = "", rest = ""] = /^((?:[^*?[\](){}!\\/]*\/)*)(.*)$/s.exec(pattern)?.slice(1) ?? [];
	const matches = globSync(rest, {
		cwd: folder || ".",
		expandDirectories: false,
		followSymbolicLinks: false,
		ignore: rest.includes(installed) ? [] : [`**/${installed}/**`],
	});
	return matches.map((match) => join(folder, match)).sort();
}

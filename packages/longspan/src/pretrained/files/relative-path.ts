import { OptionError } from "../../errors.js";
import { quoted } from "./json.js";

/** Whether a path is parts joined by "/", none of which leads out of where it begins on any system. */
export function isRelativePath(path: string): boolean {
	const parts = path.split("/");
	// biome-ignore lint/suspicious/noControlCharactersInRegex: no system takes them in names
	return parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[\\:\u0000-\u001f]/.test(part));
}

/**
 * Checks a path in a checkpoint.
 *
 * @throws OptionError naming the path if it leads out of the checkpoint
 */
export function checkRelativePath(location: string, path: string): void {
	if (!isRelativePath(path))
		throw new OptionError(`${location}: ${quoted(path)} is no path inside it; expected names joined by "/"`);
}

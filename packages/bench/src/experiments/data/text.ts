import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../../usage-error.js";

// The same depth below the repository for the sources and for dist.
const projectFolder = fileURLToPath(new URL("../../../../../", import.meta.url));
const extensions = new Set([".md", ".txt", ".ts"]);
const passedOver = new Set(["node_modules", "dist"]);

/**
 * The bytes of a file, or of the .md, .txt and .ts files of a folder and those within it, by their names one after the other. Hidden folders,
 * `node_modules` and `dist` are left out.
 *
 * @param path default: the folder of the project
 */
export function readText(path: string = projectFolder): Buffer {
	try {
		return statSync(path).isDirectory()
			? Buffer.concat(filesIn(path).map((file) => readFileSync(file)))
			: readFileSync(path);
	} catch (error) {
		throw new UsageError(`--data: cannot read ${path}: ${error instanceof Error ? error.message : error}`);
	}
}

function filesIn(folder: string): string[] {
	const byName = (a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1);
	return readdirSync(folder, { withFileTypes: true })
		.sort(byName)
		.flatMap((entry) => {
			const path = join(folder, entry.name);
			if (entry.name.startsWith(".") || passedOver.has(entry.name)) return [];
			if (entry.isDirectory()) return filesIn(path);
			return entry.isFile() && extensions.has(extname(entry.name)) ? [path] : [];
		});
}

/** Stretches of a text as long as a sequence: those trained on, and those held out. */
export interface Stretches {
	readonly training: readonly Int32Array[];
	readonly heldOut: readonly Int32Array[];
}

/** Of so many stretches in a row the last is held out. */
const heldOutEvery = 10;

/** Cuts a text into stretches of `length` tokens and the one that follows, a byte each. Throws `UsageError` if it has less than ten. */
export function stretchesOf(text: Uint8Array, length: number): Stretches {
	const count = Math.floor(text.length / (length + 1));
	if (count < heldOutEvery)
		throw new UsageError(
			`--data has ${text.length} bytes; expected at least ${heldOutEvery * (length + 1)}, for ten sequences of ${length}`,
		);
	const all = Array.from({ length: count }, (_, at) =>
		Int32Array.from(text.subarray(at * (length + 1), (at + 1) * (length + 1))),
	);
	const isHeldOut = (at: number) => at % heldOutEvery === heldOutEvery - 1;
	return { training: all.filter((_, at) => !isHeldOut(at)), heldOut: all.filter((_, at) => isHeldOut(at)) };
}

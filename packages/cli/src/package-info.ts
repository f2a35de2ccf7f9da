import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of this package: the one above `dist` or `src`. */
export const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** Version of the command. */
export function packageVersion(): string {
	return (JSON.parse(readFileSync(`${packageFolder}/package.json`, "utf8")) as { version: string }).version;
}

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach } from "vitest";

/** The built command. */
export const command = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** What to add to the name of tests that are skipped; empty if the command is there. */
export const missing = existsSync(command) ? "" : " (skipped: the command is not built, run `npm run build`)";

/** What a run of the command came to. */
export interface Outcome {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** Attributes and style rules that would make a page fetch something. */
export const fetching =
	/\b(?:src|srcset|href|action|data|poster)\s*=\s*["']?(?!#)|url\((?!#)|@import|<(?:script|link|iframe|object|embed)\b/i;

/** Gives each test of a file an empty folder to run the command in. */
export function inEmptyFolder() {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "longspan-cli-"));
	});
	afterEach(() => {
		rmSync(folder, { recursive: true, force: true });
	});
	return {
		folder: () => folder,
		/** Runs the built command there. */
		longspan: (...args: string[]): Promise<Outcome> =>
			new Promise((resolve) => {
				execFile(process.execPath, [command, ...args], { cwd: folder }, (error, stdout, stderr) => {
					resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
				});
			}),
		/** Writes a file there and returns its name. */
		write: (name: string, content: string | Uint8Array): string => {
			writeFileSync(join(folder, name), content);
			return name;
		},
	};
}

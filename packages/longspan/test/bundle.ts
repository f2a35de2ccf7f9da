import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Rollup } from "vite";

/** A program of a user of the package, as a bundler makes it for browsers. */
export interface Bundle extends Disposable {
	/** Folder of the built page, with "/" at its end. */
	readonly root: URL;
	readonly chunks: readonly Rollup.OutputChunk[];
	readonly warnings: readonly string[];
}

/**
 * Builds a page that runs a script, in a folder where the built package is installed.
 *
 * @param script an ES module; it imports "longspan"
 * @param body of the page
 */
export async function bundlePage(script: string, body = ""): Promise<Bundle> {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), "longspan-page-")));
	const remove = () => rmSync(folder, { recursive: true });
	const warnings: string[] = [];
	try {
		mkdirSync(join(folder, "node_modules"));
		symlinkSync(fileURLToPath(new URL("../", import.meta.url)), join(folder, "node_modules/longspan"), "junction");
		writeFileSync(join(folder, "main.js"), script);
		writeFileSync(
			join(folder, "index.html"),
			`<!doctype html><title>longspan</title><body>${body}<script type="module" src="./main.js"></script></body>`,
		);
		const built = (await build({
			root: folder,
			configFile: false,
			logLevel: "silent",
			base: "./",
			build: { target: "es2022", rollupOptions: { onwarn: ({ message }) => void warnings.push(message) } },
		})) as Rollup.RollupOutput;
		return {
			root: pathToFileURL(`${folder}/dist/`),
			chunks: built.output.filter((output) => output.type === "chunk"),
			warnings,
			[Symbol.dispose]: remove,
		};
	} catch (error) {
		remove();
		throw error;
	}
}

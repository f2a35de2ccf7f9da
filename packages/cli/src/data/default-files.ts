import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFolder } from "../package-info.js";

/** What is read without FILES: the docs and sources of this project, or what is installed of them. */
export function defaultPaths(): string[] {
	const repository = dirname(dirname(packageFolder));
	if (isOwnRepository(repository)) {
		const packages = ["longspan", "cli", "bench"].map((name) => join(repository, "packages", name, "src"));
		return [join(repository, "README.md"), join(repository, "docs"), ...packages].filter(hasContent);
	}
	return [dirname(fileURLToPath(import.meta.resolve("longspan"))), join(packageFolder, "dist")];
}

function isOwnRepository(folder: string): boolean {
	try {
		const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
		return name === "longspan-workspace" && existsSync(join(folder, "packages"));
	} catch {
		return false;
	}
}

function hasContent(path: string): boolean {
	const status = statSync(path, { throwIfNoEntry: false });
	return status?.isDirectory() ? readdirSync(path).length > 0 : (status?.size ?? 0) > 0;
}

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = new URL("../../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const examples = [...readme.matchAll(/### (.*)\n[^#]*?```ts\n([^`]*)```|## The library\n+```ts\n([^`]*)```/g)].map(
	([, title, code, first]) => ({ title: title ?? "The library", code: (code ?? first) as string }),
);

describe("examples of the README", () => {
	it("are all found", () => {
		expect(examples.length).toBe(readme.split("```ts").length - 1);
	});

	// A script that uses the library ends by itself although the threads of the device were never disposed.
	it.each(examples)("$title: runs as it is and exits", async ({ code }) => {
		const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
			cwd: fileURLToPath(root),
			timeout: 60_000,
		});
		await expect(run).resolves.toMatchObject({ stderr: expect.not.stringContaining("Error") });
	});
});

// Compiles the AssemblyScript kernels to kernels/{baseline,relaxed,turbo}.wasm, one process a build.
// A build that is newer than every source is kept.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sourceDirectory = join(root, "src/backends/wasm/kernels");
const outDirectory = join(root, "kernels");
const compiler = join(dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")), "bin/asc.js");

const sharedOptions = [
	...["-O3", "--noAssert", "--runtime", "stub"],
	...["--importMemory", "--sharedMemory", "--maximumMemory", "65536"],
	// A failed check traps instead of calling into the host: memory is the only import.
	...["--use", "abort="],
];
const builds = {
	baseline: ["--enable", "simd,threads"],
	relaxed: ["--enable", "simd,threads,relaxed-simd"],
	turbo: ["--enable", "simd,threads,relaxed-simd", "--use", "TURBO=1"],
};

const sources = readdirSync(sourceDirectory, { recursive: true })
	.filter((name) => name.endsWith(".ts"))
	.map((name) => join(sourceDirectory, name));
const newestSource = Math.max(...[...sources, fileURLToPath(import.meta.url)].map((path) => statSync(path).mtimeMs));

/** Writes beside the target and renames, so that nobody ever reads half a file. */
async function compile(name, options) {
	const target = join(outDirectory, `${name}.wasm`);
	if (existsSync(target) && statSync(target).mtimeMs > newestSource) return true;
	const draft = join(outDirectory, `${name}.${process.pid}.draft`);
	const args = [compiler, join(sourceDirectory, "index.ts"), "--outFile", draft, ...sharedOptions, ...options];
	const child = spawn(process.execPath, args, { stdio: "inherit", cwd: root });
	const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
	if (code === 0) renameSync(draft, target);
	else rmSync(draft, { force: true });
	return code === 0;
}

mkdirSync(outDirectory, { recursive: true });
const results = await Promise.all(Object.entries(builds).map(([name, options]) => compile(name, options)));
if (results.includes(false)) process.exitCode = 1;

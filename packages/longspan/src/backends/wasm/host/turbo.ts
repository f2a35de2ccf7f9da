import { builtin, setV8Flag } from "./platform.js";

const firstVersion = 24;

/** Turns on the V8 optimisation the turbo build is written for. Null if that worked, else what is missing. */
export function enableTurbo(): string | null {
	if (!builtin || !("v8" in process.versions)) return `it needs Node ${firstVersion} or later`;
	if (Number.parseInt(process.versions.node, 10) < firstVersion) {
		return `it needs Node ${firstVersion} or later, this is Node ${process.versions.node}`;
	}
	if (process.arch !== "x64") return `it needs an x64 processor, this one is ${process.arch}`;
	if (!hasWideVectors(builtin)) return "it needs a processor with AVX2";
	return setV8Flag("--experimental-wasm-revectorize") ? null : "V8 flags cannot be set here";
}

/** False if the processor is known to lack the vectors of 256 bits. */
function hasWideVectors(modules: NonNullable<typeof builtin>): boolean {
	if (process.platform !== "linux") return true;
	try {
		return /\bavx2\b/.test(modules("node:fs").readFileSync("/proc/cpuinfo", "utf8"));
	} catch {
		return true;
	}
}

/**
 * Runs `use` so that V8 recompiles WASM functions that got hot with its optimising compiler, the one that flag concerns, at
 * once and not in the background: results of a function that was called often enough are then those of the code that will
 * run later. (Compiling without the baseline compiler instead makes Node 26 abort when it optimises again.)
 */
export async function withPromptOptimization<T>(use: () => Promise<T>): Promise<T> {
	setV8Flag("--wasm-sync-tier-up");
	try {
		return await use();
	} finally {
		setV8Flag("--no-wasm-sync-tier-up");
	}
}

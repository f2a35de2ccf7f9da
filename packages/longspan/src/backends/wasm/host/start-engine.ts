import { DeviceError } from "../../../errors.js";
import { assertWasmRuns, type BuildName, compileBuild, enableRelaxed } from "./builds.js";
import { instantiate } from "./instance.js";
import { LinearMemory } from "./linear-memory.js";
import { ModuleEngine } from "./module-engine.js";
import { threadsOf, type WasmOptions } from "./options.js";
import { canShareMemory } from "./platform.js";
import { enableTurbo, withPromptOptimization } from "./turbo.js";

interface SelectedBuild {
	readonly engine: ModuleEngine;
	readonly build: BuildName;
	readonly module: WebAssembly.Module;
}

export interface StartedEngine extends SelectedBuild {
	/** Why the engine has fewer threads than the default, if so. */
	readonly note: string | null;
}

/** Throws if the kernels of an engine compute wrongly. */
export type SelfCheck = (engine: ModuleEngine, build: BuildName) => void;

/** Starts the fastest build that runs here and passes `check`, with its threads. */
export async function startEngine(options: WasmOptions, check: SelfCheck): Promise<StartedEngine> {
	const { threads, required } = threadsOf(options);
	if (required && !canShareMemory()) {
		throw new DeviceError(
			`threads: ${threads} needs a cross-origin isolated page (Cross-Origin-Opener-Policy: same-origin, Cross-Origin-Embedder-Policy: require-corp); without it leave threads out`,
		);
	}
	assertWasmRuns();
	const selected = await selectBuild(options, check);
	if (threads === 1) return { ...selected, note: null };
	try {
		await selected.engine.startWorkers(threads - 1, selected.module);
		return { ...selected, note: null };
	} catch (cause) {
		if (required) throw new DeviceError(`cannot start ${threads - 1} worker threads: ${messageOf(cause)}`, { cause });
		return { ...selected, note: `workers could not be started: ${messageOf(cause)}` };
	}
}

async function selectBuild(options: WasmOptions, check: SelfCheck): Promise<SelectedBuild> {
	const failures: string[] = [];
	for (const build of candidates(options.turbo ?? false)) {
		try {
			const start = () => startBuild(build, options, check);
			return await (build === "turbo" ? withPromptOptimization(start) : start());
		} catch (error) {
			failures.push(`${build}: ${messageOf(error)}`);
			if (build === "turbo" && options.turbo === true) break;
		}
	}
	throw new DeviceError(`no build of the WASM kernels works here (${failures.join("; ")})`);
}

async function startBuild(build: BuildName, options: WasmOptions, check: SelfCheck): Promise<SelectedBuild> {
	const module = await compileBuild(build);
	const memory = new LinearMemory();
	const engine = new ModuleEngine(memory, await instantiate(module, memory.memory), options);
	check(engine, build);
	engine.resetWork();
	engine.heap.resetPeak();
	return { engine, build, module };
}

/** Builds to try, the fastest first. */
function candidates(turbo: boolean | "auto"): BuildName[] {
	const builds: BuildName[] = ["baseline"];
	if (enableRelaxed()) builds.unshift("relaxed");
	if (turbo === true || turbo === "auto") {
		const obstacle = enableTurbo();
		if (obstacle === null) builds.unshift("turbo");
		else if (turbo === true) throw new DeviceError(`turbo: true cannot work here: ${obstacle}`);
	}
	return builds;
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

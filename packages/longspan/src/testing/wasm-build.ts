import type { Backend } from "../backends/backend.js";
import { assembleKernels } from "../backends/wasm/assemble.js";
import { type BuildName, compileBuild, enableRelaxed } from "../backends/wasm/host/builds.js";
import { instantiate } from "../backends/wasm/host/instance.js";
import { LinearMemory } from "../backends/wasm/host/linear-memory.js";
import { ModuleEngine } from "../backends/wasm/host/module-engine.js";

/** A backend of one thread on a build of the test's choice, where `createWasmBackend` takes the best; memory is poisoned. */
export async function startWasmBuild(build: BuildName): Promise<Backend> {
	if (build !== "baseline" && !enableRelaxed()) throw new Error(`The ${build} build cannot run here.`);
	const memory = new LinearMemory();
	const instance = await instantiate(await compileBuild(build), memory.memory);
	const engine = new ModuleEngine(memory, instance, { poison: true });
	return { ...assembleKernels(engine), name: "wasm", description: build, dispose: () => engine.dispose() };
}

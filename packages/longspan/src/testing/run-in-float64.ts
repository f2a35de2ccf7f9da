import { createReferenceBackend, float64Values } from "../backends/reference/index.js";
import { type KernelCase, runCase } from "./kernel-case.js";

/** Outputs of a case on the reference backend, not rounded to float32. */
export async function runInFloat64(test: KernelCase): Promise<Readonly<Record<string, ArrayLike<number>>>> {
	return (await runCase(createReferenceBackend(), test, float64Values)).outputs;
}

/** What the WASM module exports; see kernels/index.ts. */
export interface KernelExports {
	enter(control: number, thread: number): void;
	runAlone(kernel: number, items: number): void;
	/** Not 0 when the job is done. */
	runJob(kernel: number, items: number, grain: number, chunks: number, spins: number): number;
	/** Not 0 when the job is done. */
	awaitJob(spins: number, microseconds: number): number;
	abandon(): void;
	work(): void;
	heapBase(): number;
}

/** Makes an instance for the calling thread. */
export async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<KernelExports> {
	const instance = await WebAssembly.instantiate(module, { env: { memory } });
	return instance.exports as unknown as KernelExports;
}

/** Entry of the WASM module: what the TypeScript host may call. */
export { abandon, awaitJob, runAlone, runJob, work } from "./runtime/scheduler";
export { enter } from "./runtime/thread";

/** First address that static data does not use. */
export function heapBase(): usize {
	return __heap_base;
}

import { afterAll, beforeAll } from "vitest";
import { testBackendConformance, testBackendStore } from "../testing/backend-conformance.js";
import type { Backend } from "./backend.js";
import { createWasmBackend } from "./wasm/index.js";

/** More threads than most machines that run this have cores, so that items wander between threads. */
const threadCounts = [1, 2, 4] as const;
const backends = new Map<number, Backend>();

beforeAll(async () => {
	for (const threads of threadCounts) backends.set(threads, await createWasmBackend({ threads, poison: true }));
});

afterAll(() => {
	for (const backend of backends.values()) backend.dispose();
});

const withThreads = (threads: number) => (): Backend => backends.get(threads)!;

testBackendStore("wasm, 1 thread", withThreads(1));
testBackendStore("wasm, 4 threads", withThreads(4));
testBackendConformance("wasm, 1 thread", withThreads(1));
testBackendConformance("wasm, 2 threads", withThreads(2), withThreads(1));
testBackendConformance("wasm, 4 threads", withThreads(4), withThreads(1));

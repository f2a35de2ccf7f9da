import { afterAll, beforeAll } from "vitest";
import { testBackendConformance, testBackendStore } from "../testing/backend-conformance.js";
import { startWasmBuild } from "../testing/wasm-build.js";
import type { Backend } from "./backend.js";
import { createWasmBackend } from "./wasm/index.js";

/** Up to more threads than most machines that run this have cores, so that items wander between threads. */
const starters: Readonly<Record<string, () => Promise<Backend>>> = {
	"1 thread": () => createWasmBackend({ threads: 1, poison: true }),
	"2 threads": () => createWasmBackend({ threads: 2, poison: true }),
	"4 threads": () => createWasmBackend({ threads: 4, poison: true }),
	"baseline build": () => startWasmBuild("baseline"),
	"turbo build without its flag": () => startWasmBuild("turbo"),
};
const backends = new Map<string, Backend>();

beforeAll(async () => {
	for (const [name, start] of Object.entries(starters)) backends.set(name, await start());
});

afterAll(() => {
	for (const backend of backends.values()) backend.dispose();
});

const started = (name: string) => (): Backend => backends.get(name)!;
const oneThread = started("1 thread");

testBackendStore("wasm, 1 thread", oneThread);
testBackendStore("wasm, 4 threads", started("4 threads"));
testBackendConformance("wasm, 1 thread", oneThread);
testBackendConformance("wasm, 2 threads", started("2 threads"), oneThread);
testBackendConformance("wasm, 4 threads", started("4 threads"), oneThread);
testBackendConformance("wasm, baseline build", started("baseline build"));
testBackendConformance("wasm, turbo build without its flag", started("turbo build without its flag"));

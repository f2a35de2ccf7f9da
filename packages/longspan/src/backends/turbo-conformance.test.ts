import { afterAll, beforeAll, describe } from "vitest";
import { testBackendConformance } from "../testing/backend-conformance.js";
import type { Backend } from "./backend.js";
import { setV8Flag } from "./wasm/host/platform.js";
import { enableTurbo } from "./wasm/host/turbo.js";
import { createWasmBackend } from "./wasm/index.js";

// In a file of its own, since V8 flags hold for the whole process.
const obstacle = enableTurbo();

describe.skipIf(obstacle !== null)(`turbo${obstacle === null ? "" : ` (skipped: ${obstacle})`}`, () => {
	let backend: Backend;

	beforeAll(async () => {
		// Functions are optimised as soon as they are hot, so that most cases run the code that turbo is about.
		setV8Flag("--wasm-sync-tier-up");
		backend = await createWasmBackend({ threads: 1, turbo: true, poison: true });
	});

	afterAll(() => backend?.dispose());

	testBackendConformance("wasm, turbo", () => backend);
});

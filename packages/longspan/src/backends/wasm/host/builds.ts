import { DeviceError } from "../../../errors.js";
import { compileFile, setV8Flag } from "./platform.js";

export type BuildName = "baseline" | "relaxed" | "turbo";

/** A module that uses 128-bit vectors and atomic instructions on a shared memory. */
const vectorsAndThreads = Uint8Array.of(
	...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1],
	...[10, 17, 1, 15, 0, 32, 0, 253, 15, 253, 98, 26, 32, 0, 254, 16, 2, 0, 11],
);
/** A module that uses f32x4.relaxed_madd. */
const relaxedVectors = Uint8Array.of(
	...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0],
	...[10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11],
);

/** Throws `DeviceError` where not even the baseline build can run. */
export function assertWasmRuns(): void {
	if (typeof WebAssembly === "undefined")
		throw new DeviceError("the WASM backend needs WebAssembly, which is not there");
	if (!WebAssembly.validate(vectorsAndThreads)) {
		throw new DeviceError(
			"the WASM backend needs WebAssembly with fixed-width SIMD and threads, which this JavaScript engine lacks",
		);
	}
}

/** Whether relaxed vector instructions are there; V8 of Node 20 has them behind a flag, which this turns on. */
export function enableRelaxed(): boolean {
	if (WebAssembly.validate(relaxedVectors)) return true;
	return setV8Flag("--experimental-wasm-relaxed-simd") && WebAssembly.validate(relaxedVectors);
}

export function compileBuild(name: BuildName): Promise<WebAssembly.Module> {
	// Whole literals, so that bundlers see the files.
	switch (name) {
		case "baseline":
			return compileFile(new URL("../../../../kernels/baseline.wasm", import.meta.url));
		case "relaxed":
			return compileFile(new URL("../../../../kernels/relaxed.wasm", import.meta.url));
		case "turbo":
			return compileFile(new URL("../../../../kernels/turbo.wasm", import.meta.url));
	}
}

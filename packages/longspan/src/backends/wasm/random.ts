import { type DeviceBuffer, floatBits, type RandomKernels, type RandomKey } from "../backend.js";
import type { WasmEngine } from "./engine.js";
import { Elementwise } from "./kernels/elementwise/unary-code.js";
import { KernelId } from "./kernels/kernel-id.js";
import { RandomCode } from "./kernels/random/random-code.js";

/** Estimated simple operations for an element. */
const randomWork = 8;
/** The words of eight Philox blocks. */
const scratchBytes = 128;

/** Key, then the constant words of the counter. */
function streamWords({ seed, stream }: RandomKey): number[] {
	return [seed[0] | 0, seed[1] | 0, 0, stream[0] | 0, stream[1] | 0];
}

/** The counter-based random numbers. */
export function randomKernels(engine: WasmEngine): RandomKernels {
	const run = (kernel: KernelId, length: number, words: number[]): void => {
		engine.reserveScratch(scratchBytes);
		engine.dispatch(kernel, Math.ceil(length / Elementwise.block), randomWork * length, words);
	};
	return {
		random(distribution: "uniform" | "normal", out: DeviceBuffer, key: RandomKey): void {
			const code = distribution === "uniform" ? RandomCode.uniform : RandomCode.normal;
			run(KernelId.random, out.length, [engine.pointer(out), out.length, code, ...streamWords(key)]);
		},
		dropout(x: DeviceBuffer, out: DeviceBuffer, rate: number, key: RandomKey): void {
			// word / 2^32, rounded down to 24 bits, reaches the rate exactly when the upper 24 bits reach this.
			const threshold = Math.ceil(rate * 2 ** 24);
			const words = [engine.pointer(x), engine.pointer(out), x.length, threshold, floatBits(1 / (1 - rate))];
			run(KernelId.dropout, x.length, [...words, ...streamWords(key)]);
		},
	};
}

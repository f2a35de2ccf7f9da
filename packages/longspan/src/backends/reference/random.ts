import type { RandomKernels, RandomKey } from "../backend.js";
import { philox } from "../interface/philox.js";
import { floats } from "./buffers.js";

/** The four uniform numbers of a block, multiples of 2^-24 in [0, 1). */
function uniformBlock(block: number, { seed, stream }: RandomKey): number[] {
	return philox([block, 0, stream[0], stream[1]], seed).map((word) => (word >>> 8) / 2 ** 24);
}

/** Two independent normal numbers from two uniform ones (Box and Muller 1958). */
function normalPair(u1: number, u2: number): [number, number] {
	const radius = Math.sqrt(-2 * Math.log(1 - u1));
	return [radius * Math.cos(2 * Math.PI * u2), radius * Math.sin(2 * Math.PI * u2)];
}

function normalBlock([u0, u1, u2, u3]: number[]): number[] {
	return [...normalPair(u0!, u1!), ...normalPair(u2!, u3!)];
}

/** Visits the blocks of four that cover `length` elements; the last may be shorter. */
function forEachBlock(length: number, visit: (block: number, start: number, count: number) => void): void {
	for (let start = 0; start < length; start += 4) visit(start / 4, start, Math.min(4, length - start));
}

export const randomKernels: RandomKernels = {
	random(distribution, out, key) {
		const output = floats(out);
		forEachBlock(output.length, (block, start, count) => {
			const uniforms = uniformBlock(block, key);
			const numbers = distribution === "normal" ? normalBlock(uniforms) : uniforms;
			output.set(numbers.slice(0, count), start);
		});
	},

	dropout(x, out, rate, key) {
		const input = floats(x);
		const output = floats(out);
		forEachBlock(output.length, (block, start, count) => {
			const uniforms = uniformBlock(block, key);
			for (let i = 0; i < count; i++) {
				output[start + i] = uniforms[i]! >= rate ? input[start + i]! / (1 - rate) : 0;
			}
		});
	},
};

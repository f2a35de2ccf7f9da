import { describe, expect, it } from "vitest";
import { dropoutCase } from "../../testing/cases/random.js";
import { checkGradient } from "../../testing/check-gradient.js";
import { floatOutput, kernelCase } from "../../testing/kernel-case.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";
import type { RandomKey } from "../backend.js";
import { type Block, philox } from "../interface/philox.js";

describe("philox", () => {
	/** Test vectors published with the generator (Random123, kat_vectors). */
	const vectors: readonly (readonly [Block, readonly [number, number], Block])[] = [
		[
			[0, 0, 0, 0],
			[0, 0],
			[0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
		],
		[
			[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
			[0xffffffff, 0xffffffff],
			[0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
		],
		[
			[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
			[0xa4093822, 0x299f31d0],
			[0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
		],
	];

	it.each(vectors)("counter %j key %j", (counter, key, expected) => {
		expect(philox(counter, key)).toEqual(expected);
	});
});

const key: RandomKey = { seed: [0, 0], stream: [0, 0] };

async function random(distribution: "uniform" | "normal", length: number, of: RandomKey): Promise<number[]> {
	const test = kernelCase({
		name: distribution,
		inputs: {},
		outputs: { out: floatOutput(length) },
		run: (backend, { out }) => backend.random(distribution, out, of),
	});
	return Array.from((await runInFloat64(test)).out!);
}

function moments(values: readonly number[]): { mean: number; variance: number } {
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

describe("random", () => {
	it("takes uniform numbers from the upper 24 bits of each word", async () => {
		const words = [0x6627e8, 0xe169c5, 0xbc57ac, 0x9b00db];
		const numbers = await random("uniform", 6, key);
		expect(numbers.slice(0, 4)).toEqual(words.map((word) => word / 2 ** 24));
		expect(numbers.slice(4)).toEqual(
			philox([1, 0, 0, 0], [0, 0])
				.slice(0, 2)
				.map((word) => (word >>> 8) / 2 ** 24),
		);
	});

	it("makes two normal numbers of two uniform ones", async () => {
		const [u1, u2, u3, u4] = await random("uniform", 4, key);
		const polar = (radius: number, angle: number) => {
			const length = Math.sqrt(-2 * Math.log(1 - radius));
			return [length * Math.cos(2 * Math.PI * angle), length * Math.sin(2 * Math.PI * angle)];
		};
		expect(await random("normal", 3, key)).toEqual([...polar(u1!, u2!), ...polar(u3!, u4!)].slice(0, 3));
	});

	it("has the moments of its distribution", async () => {
		const uniform = moments(await random("uniform", 40_000, key));
		expect(uniform.mean).toBeCloseTo(0.5, 2);
		expect(uniform.variance).toBeCloseTo(1 / 12, 2);
		const normal = moments(await random("normal", 40_000, key));
		expect(Math.abs(normal.mean)).toBeLessThan(0.02);
		expect(Math.abs(normal.variance - 1)).toBeLessThan(0.03);
	});

	it("depends on every word of the key, and on nothing else", async () => {
		const keys: RandomKey[] = [
			key,
			{ ...key, seed: [1, 0] },
			{ ...key, seed: [0, 1] },
			{ ...key, stream: [1, 0] },
			{ ...key, stream: [0, 1] },
		];
		const first = await Promise.all(keys.map((of) => random("uniform", 4, of)));
		const again = await Promise.all(keys.map((of) => random("uniform", 4, of)));
		expect(again).toEqual(first);
		expect(new Set(first.map(String)).size).toBe(keys.length);
	});
});

describe("dropout", () => {
	it("keeps where the uniform number of the key is at least the rate, scaled up", async () => {
		const test = dropoutCase(100, 0.25);
		const kept = (await random("uniform", 100, { seed: [1, 0], stream: [0, 0] })).map((number) => number >= 0.25);
		const { y } = await runInFloat64(test);
		expect(Array.from(y!)).toEqual(test.inputs.x!.values.map((value, i) => (kept[i] ? value / 0.75 : 0)));
	});

	it("keeps an element whose number is exactly the rate", async () => {
		const [number] = await random("uniform", 1, { seed: [1, 0], stream: [0, 0] });
		const test = dropoutCase(1, number!);
		expect((await runInFloat64(test)).y![0]).toBe(test.inputs.x!.values[0]! / (1 - number!));
	});

	it("is its own gradient", async () => {
		await checkGradient(dropoutCase(20, 0.3));
	});
});

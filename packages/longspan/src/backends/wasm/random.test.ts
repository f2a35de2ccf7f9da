import { describe, expect, it } from "vitest";
import { expectAllClose } from "../../testing/expect-close.js";
import { useSubjects } from "../../testing/wasm-engines.js";
import type { RandomKey } from "../backend.js";

const subjects = useSubjects();

/** Philox4x32-10 as in the paper, with exact integers. */
function philox(counter: readonly number[], key: readonly number[]): number[] {
	let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
	let [k0, k1] = key.map(BigInt) as [bigint, bigint];
	const mask = 0xffffffffn;
	for (let round = 0; round < 10; round++) {
		const [p0, p1] = [c0 * 0xd2511f53n, c2 * 0xcd9e8d57n];
		[c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask];
		[k0, k1] = [(k0 + 0x9e3779b9n) & mask, (k1 + 0xbb67ae85n) & mask];
	}
	return [c0, c1, c2, c3].map(Number);
}

/** The words of a stream, as a backend must use them. */
function words(length: number, { seed, stream }: RandomKey): number[] {
	const blocks = Array.from({ length: Math.ceil(length / 4) }, (_, block) => philox([block, 0, ...stream], seed));
	return blocks.flat().slice(0, length);
}

const uniformOf = (word: number): number => (word >>> 8) / 2 ** 24;
const key: RandomKey = { seed: [0xa4093822, 0x299f31d0], stream: [0x13198a2e, 0xf3707344] };
const lengths = [1, 3, 4, 5, 15, 16, 17, 4095, 4097, 50_001];

describe("Philox4x32-10", () => {
	const all = 0xffffffff;

	it.each([
		[
			[0, 0, 0, 0],
			[0, 0],
			[0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
		],
		[
			[all, all, all, all],
			[all, all],
			[0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
		],
		[
			[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
			[0xa4093822, 0x299f31d0],
			[0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
		],
	])("the definition in this test gives the published words of counter %j, key %j", (counter, seed, expected) => {
		expect(philox(counter, seed)).toEqual(expected);
	});

	it.each(lengths)("%i uniform numbers are exactly those words", (length) => {
		for (const subject of subjects) {
			const out = subject.empty(length);
			subject.kernels.random("uniform", out, key);
			expect(subject.read(out)).toEqual(words(length, key).map(uniformOf));
		}
	});

	it.each(lengths)("%i normal numbers are Box-Muller pairs of them", (length) => {
		const uniforms = words(Math.ceil(length / 4) * 4, key).map(uniformOf);
		const expected = uniforms.slice(0, length).map((_, i) => {
			const [u1, u2] = [uniforms[i - (i % 2)]!, uniforms[i - (i % 2) + 1]!];
			const wave = i % 2 === 0 ? Math.cos : Math.sin;
			return Math.sqrt(-2 * Math.log(1 - u1)) * wave(2 * Math.PI * u2);
		});
		for (const subject of subjects) {
			const out = subject.empty(length);
			subject.kernels.random("normal", out, key);
			expectAllClose(subject.read(out), expected, { relative: 1e-6, absolute: 5e-7 });
		}
	});

	it.each(lengths)("dropout of %i elements", (length) => {
		const drawn = words(length, key).map(uniformOf);
		// The rate itself must be kept.
		const rate = drawn[0]!;
		for (const subject of subjects) {
			const out = subject.empty(length);
			subject.kernels.dropout(subject.floats(new Array<number>(length).fill(3)), out, rate, key);
			const expected = drawn.map((uniform) => (uniform >= rate ? 3 / (1 - rate) : 0));
			expectAllClose(subject.read(out), expected, { relative: 2e-7 });
			expect(subject.read(out).map((value) => value !== 0)).toEqual(expected.map((value) => value !== 0));
		}
	});
});

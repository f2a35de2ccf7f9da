import type { RandomKey } from "../../backends/backend.js";
import { floatOutput, floats, type KernelCase, kernelCase } from "../kernel-case.js";
import { normals } from "../random-values.js";

const plainKey: RandomKey = { seed: [1, 0], stream: [0, 0] };
/** Words with the sign bit set, which signed arithmetic gets wrong. */
const highKey: RandomKey = { seed: [0xdeadbeef, 0xffffffff], stream: [0x80000000, 0xcafebabe] };
const lengths = [1, 3, 4, 5, 1000, 300_001];

function randomCase(length: number, key: RandomKey): KernelCase[] {
	const name = `${length} numbers, seed ${key.seed.join(" ")}`;
	return [
		kernelCase({
			name: `uniform, ${name}`,
			inputs: {},
			outputs: { out: floatOutput(length) },
			tolerance: { absolute: 0, relative: 0 },
			run: (backend, { out }) => backend.random("uniform", out, key),
		}),
		kernelCase({
			name: `normal, ${name}`,
			inputs: {},
			outputs: { out: floatOutput(length) },
			tolerance: { absolute: 2e-6, relative: 1e-5 },
			run: (backend, { out }) => backend.random("normal", out, key),
		}),
	];
}

export function dropoutCase(length: number, rate: number, key: RandomKey = plainKey): KernelCase {
	return kernelCase({
		name: `dropout ${rate} of ${length}, seed ${key.seed.join(" ")}`,
		inputs: { x: floats(normals(length, 1)), dy: floats(normals(length, 2)) },
		outputs: { y: floatOutput(length), dx: floatOutput(length) },
		gradient: { upstream: { y: "dy" }, wanted: { x: "dx" } },
		run(backend, { x, dy, y, dx }) {
			backend.dropout(x, y, rate, key);
			backend.dropout(dy, dx, rate, key);
		},
	});
}

/** A dropped element is 0 whatever it was. */
const dropoutNonFinite = kernelCase({
	name: "dropout of NaN and infinity",
	inputs: { x: floats(Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? NaN : Infinity))) },
	outputs: { y: floatOutput(64) },
	run: (backend, { x, y }) => backend.dropout(x, y, 0.5, plainKey),
});

export const randomCases: readonly KernelCase[] = [
	...lengths.flatMap((length) => [...randomCase(length, plainKey), ...randomCase(length, highKey)]),
	...[0, 0.1, 0.5, 0.9].map((rate) => dropoutCase(1001, rate)),
	...lengths.map((length) => dropoutCase(length, 0.25, highKey)),
	dropoutNonFinite,
];

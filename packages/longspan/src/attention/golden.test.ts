import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, intTensor, scope, type Tensor, tensor, vjp } from "../index.js";
import type { GoldenRun } from "../testing/golden-run.js";
import { goldenRuns } from "../testing/mechanism-cases.js";
import { exactTensor, exactValues } from "../testing/tensor-gradient.js";

/** Outputs and gradients in float64 of independent implementations; not part of this project. */
const folder = new URL("../../../../../shared/golden/attn-grads/", import.meta.url);
const present = existsSync(folder);

type Named = Record<string, Tensor>;

interface Stored {
	dtype: string;
	shape: number[];
	values: number[];
}

/** Reads a safetensors file: a length, a JSON header, and the data. */
function readSafetensors(name: string): Record<string, Stored> {
	const bytes = readFileSync(new URL(name, folder));
	const headerLength = Number(bytes.readBigUInt64LE(0));
	const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength));
	const arrays = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
	const entries = Object.entries(header).filter(([key]) => key !== "__metadata__") as [
		string,
		{ dtype: keyof typeof arrays; shape: number[]; data_offsets: [number, number] },
	][];
	return Object.fromEntries(
		entries.map(
			([
				key,
				{
					dtype,
					shape,
					data_offsets: [from, to],
				},
			]) => {
				const data = Uint8Array.from(bytes.subarray(8 + headerLength + from, 8 + headerLength + to)).buffer;
				return [key, { dtype, shape, values: Array.from(new arrays[dtype](data)) }];
			},
		),
	);
}

interface GoldenTest {
	name: string;
	params: unknown;
	float_inputs: Record<string, number[]>;
	int_inputs: Record<string, number[]>;
	gradients_of: string[];
	outputs: Record<string, { rtol: number; atol: number; rtol_f64: number; atol_f64: number }>;
}

const tests: GoldenTest[] = present
	? (JSON.parse(readFileSync(new URL("case.json", folder), "utf8")).tests as GoldenTest[]).filter(
			({ name }) => goldenRuns[name],
		)
	: [];

describe.skipIf(!present).each([
	["reference", () => init({ device: "reference" })],
	["wasm", () => init({ threads: 2 })],
] as const)("golden outputs and gradients on %s", (kind, start) => {
	let device: Device;
	beforeAll(async () => {
		device = await start();
	});
	afterAll(() => device.dispose());

	it("covers every test it names", () => {
		expect(tests.map(({ name }) => name).sort()).toEqual(Object.keys(goldenRuns).sort());
	});

	it.each(tests)("$name", ({ name, params, float_inputs, int_inputs, gradients_of, outputs }) => {
		const exact = kind === "reference";
		const stored = readSafetensors(`${name}.safetensors`);
		const wanted = readSafetensors(exact ? `${name}.f64.safetensors` : `${name}.safetensors`);
		scope(() => {
			const make = ({ values, shape }: Stored) =>
				exact ? exactTensor(device, values, shape) : tensor(values, shape, device);
			const of = (key: string) => stored[key] as Stored;
			const names = Object.keys(float_inputs);
			const integers = Object.fromEntries(
				Object.keys(int_inputs).map((key) => [key, intTensor(of(key).values, of(key).shape, device)]),
			);
			const others = Object.keys(stored).filter(
				(key) => stored[key]?.dtype === "F32" && ![...names, "upstream", "out"].includes(key) && !/^d/.test(key),
			);
			const constants = Object.fromEntries(others.map((key) => [key, make(of(key))]));
			const { output, pullback } = vjp(
				(...list) =>
					(goldenRuns[name] as GoldenRun)({
						tensors: Object.fromEntries(names.map((key, i) => [key, list[i] as Tensor])),
						integers,
						constants,
						parameters: params,
					}),
				...names.map((key) => make(of(key))),
			);
			const gradients = pullback(make(of("upstream")));
			const results: Named = {
				out: output,
				...Object.fromEntries(names.map((key, i) => [`d${key}`, gradients[i] as Tensor])),
			};
			for (const key of ["out", ...gradients_of.map((input) => `d${input}`)]) {
				const { rtol, atol, rtol_f64, atol_f64 } = outputs[key] as GoldenTest["outputs"][string];
				const [relative, absolute] = exact ? [rtol_f64, atol_f64] : [rtol, atol];
				const actual = exact ? exactValues(results[key] as Tensor) : (results[key] as Tensor).dataSync();
				const expected = (wanted[key] as Stored).values;
				expect(actual.length).toBe(expected.length);
				expected.forEach((value, i) => {
					const error = Math.abs((actual[i] as number) - value);
					if (!(error <= absolute + relative * Math.abs(value)))
						expect.fail(`${key}[${i}] is ${actual[i]}, expected ${value}`);
				});
			}
		});
	});
});

import { expect } from "vitest";
import type { KernelCase } from "./kernel-case.js";
import { integersBetween } from "./random-values.js";
import { runInFloat64 } from "./run-in-float64.js";

const step = 1e-5;
const tolerance = 1e-7;
/** Elements tried of every input; all of them where there are no more. */
const samples = 24;

/** Expects the gradients a case claims to equal central differences of its loss, both in float64 on the reference backend. */
export async function checkGradient(test: KernelCase): Promise<void> {
	if (test.gradient === null) throw new Error(`${test.name} claims no gradient.`);
	const { wanted } = test.gradient;
	const computed = await runInFloat64(test);
	for (const [input, output] of Object.entries(wanted)) {
		const gradient = computed[output]!;
		expect(gradient.length, `length of ${output}`).toBe(test.inputs[input]!.values.length);
		for (const index of sampleIndices(gradient.length)) {
			const above = await loss(shifted(test, input, index, step));
			const below = await loss(shifted(test, input, index, -step));
			const expected = (above - below) / (2 * step);
			const allowed = tolerance * (1 + Math.abs(expected));
			const difference = Math.abs(gradient[index]! - expected);
			expect(difference <= allowed, `${output}[${index}] is ${gradient[index]}, differences give ${expected}`).toBe(
				true,
			);
		}
	}
}

async function loss(test: KernelCase): Promise<number> {
	const outputs = await runInFloat64(test);
	let total = 0;
	for (const [output, input] of Object.entries(test.gradient!.upstream)) {
		test.inputs[input]!.values.forEach((weight, i) => {
			const value = outputs[output]![i]!;
			// The log-sum-exp of a row that sees nothing is -Infinity whatever the inputs are.
			if (value !== -Infinity) total += weight * value;
		});
	}
	return total;
}

/** The same case with one element of one input moved. */
function shifted(test: KernelCase, input: string, index: number, by: number): KernelCase {
	const { dtype, values } = test.inputs[input]!;
	const moved = values.map((value, i) => (i === index ? value + by : value));
	return { ...test, inputs: { ...test.inputs, [input]: { dtype, values: moved } } };
}

function sampleIndices(length: number): Iterable<number> {
	if (length <= samples) return Array.from({ length }, (_, i) => i);
	return new Set(integersBetween(samples, length, 0, length));
}

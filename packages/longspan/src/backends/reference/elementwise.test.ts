import { describe, expect, it } from "vitest";
import { unaryCase, unaryOperations } from "../../testing/cases/elementwise.js";
import { checkGradient } from "../../testing/check-gradient.js";
import { floatOutput, floats, integerOutput, integers, kernelCase } from "../../testing/kernel-case.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";
import type { UnaryOperation } from "../backend.js";

async function unary(operation: UnaryOperation, x: readonly number[], parameter = 0): Promise<number[]> {
	const test = kernelCase({
		name: operation,
		inputs: { x: floats(x) },
		outputs: { y: floatOutput(x.length) },
		run: (backend, b) => backend.unary(operation, b.x, b.y, parameter),
	});
	return Array.from((await runInFloat64(test)).y!);
}

describe("unary operations", () => {
	/** Values at 0.5 and -2, from tables or by hand. */
	const known: readonly (readonly [UnaryOperation, number, number, number])[] = [
		["negate", 0, -0.5, 2],
		["exp", 0, 1.6487212707001282, 0.1353352832366127],
		["log", 0, -Math.LN2, NaN],
		["tanh", 0, 0.46211715726000974, -0.9640275800758169],
		["sigmoid", 0, 0.6224593312018546, 0.11920292202211755],
		["relu", 0, 0.5, 0],
		["gelu", 0, 0.34573123063700656, -0.04550026389635842],
		["geluTanh", 0, 0.34571400982514394, -0.04540230591222498],
		["silu", 0, 0.3112296656009273, -0.2384058440442351],
		["softplus", 0, 0.9740769841801067, 0.1269280110429726],
		["elu", 0, 0.5, -0.8646647167633873],
		["eluPlusOne", 0, 1.5, 0.1353352832366127],
		["sqrt", 0, Math.SQRT1_2, NaN],
		["power", 3, 0.125, -8],
		["power", -1, 2, -0.5],
		["scale", -4, -2, 8],
		["shift", 1.25, 1.75, -0.75],
	];

	it.each(known)("%s (%d)", async (operation, parameter, atHalf, atMinusTwo) => {
		const [first, second] = await unary(operation, [0.5, -2], parameter);
		expect(first).toBeCloseTo(atHalf, 13);
		if (Number.isNaN(atMinusTwo)) expect(second).toBeNaN();
		else expect(second).toBeCloseTo(atMinusTwo, 13);
	});

	it("does not overflow where the result does not", async () => {
		expect(await unary("softplus", [1000, -1000])).toEqual([1000, 0]);
		expect(await unary("sigmoid", [1000, -1000])).toEqual([1, 0]);
		expect(await unary("tanh", [1000, -1000])).toEqual([1, -1]);
	});

	it("keeps NaN", async () => {
		for (const [operation, parameter] of unaryOperations) {
			if (operation === "power" && parameter === 0) continue;
			expect(await unary(operation, [NaN], parameter), operation).toEqual([NaN]);
		}
	});

	it.each(unaryOperations)("gradient of %s (%d)", async (...operation) => {
		await checkGradient(unaryCase(operation, 20));
	});

	it("the gradient of x^0 is 0 also at 0", async () => {
		const test = kernelCase({
			name: "power 0",
			inputs: { x: floats([0, 2]), dy: floats([1, 1]) },
			outputs: { dx: floatOutput(2) },
			run: (backend, b) => backend.unaryGradient("power", b.x, b.dy, b.dx, 0),
		});
		expect(Array.from((await runInFloat64(test)).dx!)).toEqual([0, 0]);
	});
});

describe("strided operations", () => {
	it("binary: a column and a row", async () => {
		const test = kernelCase({
			name: "outer difference",
			inputs: { a: floats([10, 20]), b: floats([1, 2, 3]) },
			outputs: { out: floatOutput(6) },
			run: (backend, b) =>
				backend.binary("subtract", b.a, b.b, b.out, {
					shape: [2, 3],
					strides: [
						[1, 0],
						[0, 1],
					],
				}),
		});
		expect(Array.from((await runInFloat64(test)).out!)).toEqual([9, 8, 7, 19, 18, 17]);
	});

	it.each([
		["add", [5, 0, Infinity]],
		["subtract", [3, -4, Infinity]],
		["multiply", [4, -4, Infinity]],
		["divide", [4, -1, Infinity]],
	] as const)("binary: %s", async (operation, expected) => {
		const test = kernelCase({
			name: operation,
			inputs: { a: floats([4, -2, Infinity]), b: floats([1, 2, 3]) },
			outputs: { out: floatOutput(3) },
			run: (backend, b) => backend.binary(operation, b.a, b.b, b.out, { shape: [3], strides: [[1], [1]] }),
		});
		expect(Array.from((await runInFloat64(test)).out!)).toEqual(expected);
	});

	it("select: any condition but 0 takes a", async () => {
		const test = kernelCase({
			name: "select",
			inputs: { condition: integers([1, 0, -3]), a: floats([1, 2, 3]), b: floats([9]) },
			outputs: { out: floatOutput(3) },
			run: (backend, b) => backend.select(b.condition, b.a, b.b, b.out, { shape: [3], strides: [[1], [1], [0]] }),
		});
		expect(Array.from((await runInFloat64(test)).out!)).toEqual([1, 9, 3]);
	});

	it("copy: transposes into a part of the target", async () => {
		const layout = { shape: [3, 2], sourceOffset: 1, sourceStrides: [1, 3], targetOffset: 2, targetStrides: [3, 1] };
		const test = kernelCase({
			name: "copy",
			inputs: { source: integers([0, 1, 2, 3, 4, 5, 6]) },
			outputs: { target: integerOutput(12) },
			run(backend, b) {
				backend.fill(b.target, 0);
				backend.copy(b.source, b.target, layout);
			},
		});
		expect(Array.from((await runInFloat64(test)).target!)).toEqual([0, 0, 1, 4, 0, 2, 5, 0, 3, 6, 0, 0]);
	});

	it("toFloat", async () => {
		const test = kernelCase({
			name: "toFloat",
			inputs: { x: integers([3, -(2 ** 31), 2 ** 31 - 1]) },
			outputs: { y: floatOutput(3) },
			run: (backend, b) => backend.toFloat(b.x, b.y),
		});
		expect(Array.from((await runInFloat64(test)).y!)).toEqual([3, -(2 ** 31), 2 ** 31 - 1]);
	});
});

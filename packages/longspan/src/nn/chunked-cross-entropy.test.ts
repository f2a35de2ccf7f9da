import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type ChunkedCrossEntropyOptions,
	chunkedCrossEntropy,
	countedMean,
	crossEntropy,
	type Device,
	DTypeError,
	init,
	intTensor,
	matmul,
	normal,
	OptionError,
	ShapeError,
	scope,
	slice,
	sum,
	type Tensor,
	toFloat,
	valueAndGrad,
	vjp,
} from "../index.js";
import { expectAllClose } from "../testing/expect-close.js";
import { itRefuses } from "../testing/refusals.js";
import { exactValues, expectGradients } from "../testing/tensor-gradient.js";

let exact: Device;
let wasm: Device;
beforeAll(async () => {
	wasm = await init({ threads: 2 });
	exact = await init({ device: "reference" });
});
afterAll(() => {
	wasm.dispose();
	exact.dispose();
});

const targetsOf = (device: Device, ignored = -100) =>
	intTensor([1, ignored, 4, 0, 2, 3, ignored, 4, 1, 0], [2, 5], device);

describe("chunkedCrossEntropy", () => {
	it.each([
		["one row at once", { chunkRows: 1 }],
		["pieces that do not divide", { chunkRows: 4 }],
		["pieces that divide", { chunkRows: 5 }],
		["all at once", { chunkRows: 10 }],
		["more at once than there are", { chunkRows: 11 }],
		["another index to ignore", { chunkRows: 3, ignoreIndex: 7 }],
	])("is the cross-entropy of all logits, in values and gradients: %s", (_, options: ChunkedCrossEntropyOptions) => {
		scope(() => {
			const inputs = [normal([2, 5, 3], { seed: 1 }), normal([5, 3], { seed: 2 })] as const;
			const run = (loss: (hidden: Tensor, weight: Tensor, targets: Tensor<"int32">) => Tensor) => {
				// Targets are freed before the backward pass.
				const { output, pullback } = vjp(
					(hidden, weight) => loss(hidden as Tensor, weight as Tensor, targetsOf(exact, options.ignoreIndex)),
					...inputs,
				);
				return [output, ...pullback(normal([2, 5], { seed: 3 }))].map(exactValues);
			};
			const chunked = run((hidden, weight, targets) => chunkedCrossEntropy(hidden, weight, targets, options));
			const whole = run((hidden, weight, targets) =>
				crossEntropy(matmul(hidden, weight, { transposeB: true }), targets, options),
			);
			whole.forEach((values, index) => {
				expectAllClose(chunked[index] as Float64Array, values, { relative: 1e-6, absolute: 1e-9 });
			});
			expect(chunked[0]?.[1]).toBe(0);
		});
	});

	it("has the gradients that differences give, of what needs them alone, too", () => {
		const loss = (hidden: Tensor, weight: Tensor) =>
			chunkedCrossEntropy(hidden, weight, targetsOf(exact), { chunkRows: 3 });
		const [hidden, weight] = [
			[2, 5, 3],
			[5, 3],
		];
		expectGradients(exact, loss, [hidden as number[], weight as number[]]);
		scope(() => {
			const [stillHidden, stillWeight] = [
				normal(hidden as number[], { seed: 2 }, exact),
				normal(weight as number[], { seed: 3 }, exact),
			];
			expectGradients(exact, (own) => loss(own, stillWeight), [hidden as number[]]);
			expectGradients(exact, (own) => loss(stillHidden, own), [weight as number[]]);
		});
	});

	it("never holds all logits, forward and backward", () => {
		scope(() => {
			const [rows, classes, dim] = [4096, 32_000, 16];
			const hidden = normal([rows, dim], { seed: 1 }, wasm);
			const weight = normal([classes, dim], { seed: 2 }, wasm);
			const targets = intTensor(
				Array.from({ length: rows }, (_, row) => (7919 * row) % classes),
				[rows],
				wasm,
			);
			const peakOf = (body: () => void) => {
				const { liveBytes } = wasm.memoryStats();
				wasm.resetPeakMemory();
				scope(body);
				return wasm.memoryStats().peakBytes - liveBytes;
			};
			const piece = 2 ** 24;
			const half = [slice(hidden, 0, 0, rows / 2), slice(targets, 0, 0, rows / 2)] as const;
			expect(peakOf(() => chunkedCrossEntropy(half[0], weight, half[1]))).toBeLessThan(1.1 * piece);
			const backward = peakOf(() =>
				valueAndGrad((own: { hidden: Tensor; weight: Tensor }) =>
					sum(chunkedCrossEntropy(own.hidden, own.weight, targets)),
				)({
					hidden,
					weight,
				}),
			);
			// Logits and their gradient, of 1024 rows each time; the gradient of the weight, what is added to it, and the sum.
			expect(backward).toBeLessThan(2.2 * piece + 3 * 4 * classes * dim);
			expect(backward).toBeLessThan((4 * rows * classes) / 8);
		});
	});

	const hidden = () => normal([2, 5, 3], { seed: 1 });
	const weight = () => normal([5, 3], { seed: 1 });
	itRefuses(
		() => exact,
		[
			[
				"a weight of another width",
				() => chunkedCrossEntropy(hidden(), normal([5, 4], { seed: 1 }), targetsOf(exact)),
				ShapeError,
				/chunkedCrossEntropy: weight has shape \[5, 4\]; expected \[classes, 3\]/,
			],
			[
				"targets of another shape",
				() => chunkedCrossEntropy(hidden(), weight(), intTensor([1], [1])),
				ShapeError,
				/targets has shape \[1\]; expected \[2, 5\]/,
			],
			[
				"targets that are no classes",
				() => chunkedCrossEntropy(hidden(), weight(), targetsOf(exact, 5), { chunkRows: 3 }),
				OptionError,
				/targets hold 5; expected 0 to 4/,
			],
			[
				"pieces of no rows",
				() => chunkedCrossEntropy(hidden(), weight(), targetsOf(exact), { chunkRows: 0 }),
				OptionError,
				/chunkRows is 0/,
			],
			[
				"an index to ignore that is no integer",
				() => chunkedCrossEntropy(hidden(), weight(), targetsOf(exact), { ignoreIndex: 0.5 }),
				OptionError,
				/ignoreIndex is 0.5/,
			],
			[
				"targets that are no integers",
				() => chunkedCrossEntropy(hidden(), weight(), normal([2, 5], { seed: 1 }) as never),
				DTypeError,
				/argument targets is an? float32 tensor/,
			],
		],
	);
});

describe("countedMean", () => {
	it.each([
		["some ignored", [3, -100, 0, -100, 7], -100, (1 + 4 + 16) / 3],
		["none ignored", [3, -99, -101, 5, 7], -100, 31 / 5],
		["another index", [0, 1, 0, 1, 1], 0, (2 + 8 + 16) / 3],
		["all ignored", [-100, -100, -100, -100, -100], -100, 0],
	])("is the mean of those that count: %s", (_, targets, ignoreIndex, expected) => {
		for (const device of [exact, wasm])
			scope(() => {
				const labels = intTensor(targets, [5], device);
				const values = intTensor(
					[1, 2, 4, 8, 16].map((value, at) => (targets[at] === ignoreIndex ? 0 : value)),
					[5],
					device,
				);
				const { output, pullback } = vjp((losses) => countedMean(losses, labels, ignoreIndex), toFloat(values));
				expect(output.dataSync()[0]).toBeCloseTo(expected, 6);
				const count = Math.max(1, targets.filter((target) => target !== ignoreIndex).length);
				expect(pullback(toFloat(intTensor([1], [], device)))[0]?.dataSync()[0]).toBeCloseTo(1 / count, 6);
			});
	});
});

it("toFloat gives the same integers on every device", () => {
	const integers = [0, 1, -1, 255, -100, 2 ** 24, -(2 ** 24)];
	for (const device of [exact, wasm])
		scope(() => {
			const floats = toFloat(intTensor(integers, [7, 1], device));
			expect(floats.dtype).toBe("float32");
			expect(floats.shape).toEqual([7, 1]);
			expect(Array.from(floats.dataSync())).toEqual(integers);
		});
	expect(() => toFloat(normal([2], { seed: 1 }, exact) as never)).toThrow(/toFloat: argument x is an? float32 tensor/);
});

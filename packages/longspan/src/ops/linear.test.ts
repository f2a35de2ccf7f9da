import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grad, valueAndGrad } from "../autograd/grad.js";
import type { Backend } from "../backends/backend.js";
import {
	DeviceError,
	DisposedError,
	DTypeError,
	init,
	intTensor,
	OptionError,
	ShapeError,
	type Tensor,
} from "../index.js";
import { tensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { scope } from "../tensor/scope.js";
import { normals } from "../testing/random-values.js";
import { itRefuses } from "../testing/refusals.js";
import { expectGradients } from "../testing/tensor-gradient.js";
import { add } from "./arithmetic.js";
import { embedding } from "./embedding.js";
import { type LinearActivation, linear } from "./linear.js";
import { matmul } from "./matmul.js";
import { type MatrixFormat, PackedMatrix } from "./packed-matrix.js";
import { sum } from "./reduce.js";
import { gelu, relu, silu, tanh } from "./unary.js";

let wasm: Device;
let reference: Device;
beforeAll(async () => {
	wasm = await init({ device: "wasm", threads: 2 });
	reference = await init({ device: "reference" });
});
afterAll(() => wasm.dispose());

const formats: readonly MatrixFormat[] = ["float32", "float16", "bfloat16", "int8"];
const activations: Readonly<Record<LinearActivation, (x: Tensor) => Tensor>> = {
	none: (x) => x,
	gelu: (x) => gelu(x),
	geluTanh: (x) => gelu(x, { approximate: "tanh" }),
	relu,
	silu,
	tanh,
};
const names = Object.keys(activations) as LinearActivation[];

function random(shape: readonly number[], seed: number, device = wasm): Tensor {
	return tensor(
		normals(
			shape.reduce((a, b) => a * b, 1),
			seed,
		),
		shape,
		device,
	);
}

/** Runs `use` with a packed matrix that is freed afterwards. */
function withPacked<T>(values: Tensor, format: MatrixFormat, use: (matrix: PackedMatrix) => T): T {
	const matrix = new PackedMatrix(values.shape as [number, number], format, values.device);
	try {
		matrix.write(values.dataSync(), 0);
		return use(matrix);
	} finally {
		matrix.dispose();
	}
}

/** |actual - expected| / |expected|, as vectors. */
function relativeError(actual: Tensor, expected: Tensor): number {
	const [found, wanted] = [actual.dataSync(), expected.dataSync()];
	const norm = (values: Float32Array) => Math.hypot(...values);
	return norm(found.map((value, i) => value - (wanted[i] as number))) / norm(wanted);
}

describe("linear", () => {
	it.each(names)("is a product, a bias and %s, bit for bit", (activation) => {
		scope(() => {
			const [x, weight, bias] = [random([2, 3, 50], 1), random([70, 50], 2), random([70], 3)];
			const separate = activations[activation](add(matmul(x, weight, { transposeB: true }), bias));
			const fused = linear(x, weight, { bias, activation });
			expect(fused.shape).toEqual([2, 3, 70]);
			expect(fused.dataSync()).toEqual(separate.dataSync());
			withPacked(weight, "float32", (packed) =>
				expect(linear(x, packed, { bias, activation }).dataSync()).toEqual(separate.dataSync()),
			);
		});
	});

	it.each(names)("has the gradients of all its parts, %s", (activation) => {
		const layer = (x: Tensor, weight: Tensor, bias: Tensor) => linear(x, weight, { bias, activation });
		expectGradients(reference, layer, [[2, 3, 4], [5, 4], [5]]);
	});

	it("has the gradient of a weight without a bias, of x of one axis", () => {
		expectGradients(reference, (x, weight) => linear(x, weight), [[4], [5, 4]]);
	});

	it("uses one kernel, and the memory of its result", () => {
		scope(() => {
			const [x, weight, bias] = [random([6, 50], 1), random([70, 50], 2), random([70], 3)];
			withPacked(weight, "int8", (packed) => {
				linear(x, packed, { bias, activation: "gelu" });
				const before = wasm.memoryStats();
				wasm.resetWorkStats();
				linear(x, packed, { bias, activation: "gelu" });
				expect(wasm.workStats()).toEqual({ kernels: 1, flops: 2 * 6 * 50 * 70, tiles: 0 });
				expect(wasm.memoryStats().liveBytes - before.liveBytes).toBe(4 * 6 * 70);
			});
		});
	});

	it.each(formats)("gives a row the same bits in any company, %s", (format) => {
		scope(() => {
			const [x, weight, bias] = [random([9, 900], 1), random([75, 900], 2), random([75], 3)];
			const values = x.dataSync();
			withPacked(weight, format, (packed) => {
				const all = linear(x, packed, { bias, activation: "silu" }).dataSync();
				for (const rows of [1, 2, 3, 4, 5]) {
					const few = tensor(values.subarray(0, rows * 900), [rows, 900], wasm);
					expect(linear(few, packed, { bias, activation: "silu" }).dataSync()).toEqual(all.subarray(0, rows * 75));
				}
			});
		});
	});

	it.each([
		["float16", 3e-4],
		["bfloat16", 2.5e-3],
		["int8", 8e-3],
	] as const)("%s costs a relative error of %d at most in a random product", (format, bound) => {
		scope(() => {
			const [x, weight] = [random([256, 256], 1), random([256, 256], 2)];
			const error = withPacked(weight, format, (packed) => relativeError(linear(x, packed), linear(x, weight)));
			expect(error).toBeLessThan(bound);
			// Rounding that is not there would be suspicious.
			expect(error).toBeGreaterThan(bound / 4);
		});
	});

	it("uses packed weights where nothing is differentiated, also while a tape records", () => {
		scope(() => {
			const [x, weight, factor] = [random([3, 8], 1), random([8, 8], 2), random([3, 8], 3)];
			withPacked(weight, "float32", (packed) => {
				const loss = (free: Tensor) => sum(add(free, linear(x, packed)));
				expect(grad(loss)(factor).dataSync()).toEqual(new Float32Array(24).fill(1));
				const through = (input: Tensor) => sum(linear(input, packed));
				expect(() => valueAndGrad(through)(x)).toThrow(OptionError);
				expect(() => valueAndGrad(through)(x)).toThrow(
					/linear: argument weight is packed for use.*load the model with trainable: true/,
				);
				const biased = (bias: Tensor) => sum(linear(x, packed, { bias }));
				expect(() => valueAndGrad(biased)(random([8], 4))).toThrow(/packed for use/);
			});
		});
	});

	const call = (x: number[], weight: number[], bias?: number[], activation?: string) => () =>
		linear(random(x, 1), random(weight, 2), {
			...(bias ? { bias: random(bias, 3) } : {}),
			...(activation ? { activation: activation as LinearActivation } : {}),
		});
	itRefuses(
		() => wasm,
		[
			[
				"another inner size",
				call([2, 3], [4, 5]),
				ShapeError,
				/linear: argument x has shape \[2, 3\]; expected \[\.\.\., 5\]/,
			],
			["a weight of one axis", call([2, 3], [3]), ShapeError, /linear: argument weight has shape \[3\]/],
			[
				"a bias of another size",
				call([2, 3], [4, 3], [1]),
				ShapeError,
				/linear: argument bias has shape \[1\]; expected \[4\]/,
			],
			["an unknown activation", call([2, 3], [4, 3], [4], "selu"), OptionError, /linear: activation is "selu"/],
			["no weight", () => linear(random([2], 1), null as unknown as Tensor), DTypeError, /argument weight is null/],
		],
	);
});

describe.each(["wasm", "reference"])("PackedMatrix, %s", (name) => {
	const device = () => (name === "wasm" ? wasm : reference);
	const matrix = (rows: number, columns: number, format: MatrixFormat = "float32") =>
		new PackedMatrix([rows, columns], format, device());

	it.each(formats)("is read back by embedding, written row by row or at once, %s", (format) => {
		scope(() => {
			const table = random([40, 30], 1, device());
			const ids = intTensor([39, 0, 17, 17], [2, 2], device());
			const pieces = matrix(40, 30, format);
			for (let row = 39; row >= 0; row--) pieces.write(table.dataSync().subarray(row * 30, (row + 1) * 30), row);
			const rows = embedding(pieces, ids);
			expect(rows.shape).toEqual([2, 2, 30]);
			withPacked(table, format, (whole) => expect(embedding(whole, ids).dataSync()).toEqual(rows.dataSync()));
			const error = relativeError(rows, embedding(table, ids));
			expect(error).toBeLessThanOrEqual(format === "float32" ? 0 : 1e-2);
			pieces.dispose();
		});
	});

	it("keeps numbers that float16 has exactly, of any size", () => {
		scope(() => {
			const values = Float32Array.of(1, -1.5, 2 ** -14, -(2 ** -24), 0, 65504, 1e30, 2 ** 100).map((x, i) =>
				i === 6 ? 0 : x,
			);
			const packed = matrix(2, 4, "float16");
			packed.write(values, 0);
			const rows = embedding(packed, intTensor([0, 1], [2], device())).dataSync();
			expect([...rows.subarray(0, 4)]).toEqual([1, -1.5, 2 ** -14, -(2 ** -24)]);
			expect([...rows.subarray(4)]).toEqual([0, 0, 0, 2 ** 100]);
			packed.dispose();
		});
	});

	it("frees its memory, once, and says so if it is used afterwards", () => {
		const before = device().memoryStats();
		const packed = matrix(3, 4, "int8");
		expect(device().memoryStats().buffers).toBe(before.buffers + 1);
		expect(device().memoryStats().liveBytes).toBe(before.liveBytes + packed.bytes);
		packed.dispose();
		packed.dispose();
		expect(device().memoryStats().buffers).toBe(before.buffers);
		expect(() => packed.bytes).toThrow(DisposedError);
		expect(() => packed.write(new Float32Array(4), 0)).toThrow(/packed matrix \[3, 4\] was used after it was disposed/);
		expect(() => scope(() => linear(random([4], 1, device()), packed))).toThrow(DisposedError);
	});

	const writing =
		(values: unknown, firstRow: number, format: MatrixFormat = "float32") =>
		() => {
			const packed = matrix(3, 2, format);
			try {
				packed.write(values as Float32Array, firstRow);
			} finally {
				packed.dispose();
			}
		};
	itRefuses(device, [
		[
			"a part of a row",
			writing(new Float32Array(3), 0),
			ShapeError,
			/3 values from row 0 on do not fit; expected rows of 2/,
		],
		["rows beyond the last", writing(new Float32Array(4), 2), ShapeError, /4 values from row 2 on do not fit/],
		["a row before the first", writing(new Float32Array(2), -1), OptionError, /firstRow is -1/],
		["another array", writing([1, 2], 0), OptionError, /values is an array; expected a Float32Array/],
		["NaN", writing(Float32Array.of(0, Number.NaN), 0, "int8"), OptionError, /values\[1\] is NaN; expected finite/],
		["infinity", writing(Float32Array.of(-Infinity, 0), 0), OptionError, /values\[0\] is -Infinity; expected finite/],
		[
			"what bfloat16 rounds to infinity",
			writing(Float32Array.of(0, 3.4e38), 0, "bfloat16"),
			OptionError,
			/bfloat16 cannot hold/,
		],
		["an empty shape", () => matrix(0, 2), ShapeError, /PackedMatrix: shape is \[0, 2\]; expected \[rows, columns\]/],
		["a shape of one axis", () => new PackedMatrix([2] as never, "int8", device()), ShapeError, /shape is \[2\]/],
		[
			"an unknown format",
			() => matrix(1, 1, "int4" as MatrixFormat),
			OptionError,
			/format is "int4"; expected "float32"/,
		],
		[
			"ids out of range",
			() =>
				withPacked(random([3, 2], 1, device()), "float32", (packed) =>
					embedding(packed, intTensor([3], [1], device())),
				),
			OptionError,
			/ids hold 3; expected 0 to 2/,
		],
	]);
});

it("packed matrices are of one device", () => {
	scope(() => {
		withPacked(random([3, 2], 1), "float32", (packed) => {
			expect(() => linear(random([2], 1, reference), packed)).toThrow(DeviceError);
			expect(() => embedding(packed, intTensor([0], [1], reference))).toThrow(DeviceError);
		});
	});
});

describe("packed matrices on the WASM device", () => {
	it.each([
		["float32", 4],
		["float16", 2],
		["bfloat16", 2],
		["int8", 1],
	] as const)("%s takes %d bytes an element", (format, elementBytes) => {
		const packed = new PackedMatrix([768, 768], format, wasm);
		const scales = format === "float16" || format === "int8" ? 4 * 768 : 0;
		expect(packed.bytes).toBe(elementBytes * 768 ** 2 + scales);
		packed.dispose();
	});

	it("takes room for what is written only beside a matrix that is filled piece by piece", () => {
		const packed = new PackedMatrix([1000, 100], "float16", wasm);
		const before: ReturnType<Backend["memoryStats"]> = wasm.memoryStats();
		wasm.resetPeakMemory();
		for (let row = 0; row < 1000; row += 50) packed.write(new Float32Array(50 * 100), row);
		expect(wasm.memoryStats().peakBytes - before.liveBytes).toBeLessThanOrEqual(4 * 50 * 100);
		packed.dispose();
	});
});

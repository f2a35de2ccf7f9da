import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectAllClose } from "../../testing/expect-close.js";
import { normals } from "../../testing/random-values.js";
import { useSubjects, type WasmSubject } from "../../testing/wasm-engines.js";
import type { UnaryOperation } from "../backend.js";

const subjects = useSubjects();

/** Numbers over all magnitudes of float32, both signs, subnormals included, and around them the special ones. */
const everywhere = [0, -0, Infinity, -Infinity, NaN, 1, -1, 3.4028234663852886e38, 1.401298464324817e-45];
for (let exponent = -149; exponent <= 127; exponent++) {
	for (const mantissa of [1, 1.25, 1.43, 1.7]) everywhere.push(mantissa * 2 ** exponent, -mantissa * 2 ** exponent);
}
/** Numbers where exponentials are neither 0 nor Infinity. */
const moderate = Array.from({ length: 4097 }, (_, i) => -110 + (200 * i) / 4096);
const inputs = [...everywhere, ...moderate].map(Math.fround);

const functions: readonly (readonly [UnaryOperation, (x: number) => number, number, number])[] = [
	["exp", Math.exp, 2e-7, 1e-45],
	["log", Math.log, 2e-7, 0],
	["tanh", Math.tanh, 3e-7, 0],
	["sigmoid", (x) => 1 / (1 + Math.exp(-x)), 4e-7, 1e-37],
	["softplus", (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 4e-7, 1e-37],
	["elu", (x) => (x > 0 ? x : Math.expm1(x)), 3e-7, 0],
	["eluPlusOne", (x) => (x > 0 ? x + 1 : Math.exp(x)), 2e-7, 1e-37],
	["relu", (x) => Math.max(x, 0), 0, 0],
	["sqrt", Math.sqrt, 1e-7, 0],
];

function unary(subject: WasmSubject, operation: UnaryOperation, x: readonly number[], parameter = 0): number[] {
	const out = subject.empty(x.length);
	subject.kernels.unary(operation, subject.floats(x), out, parameter);
	return subject.read(out);
}

function gradient(subject: WasmSubject, operation: UnaryOperation, x: readonly number[], parameter = 0): number[] {
	const dx = subject.empty(x.length);
	const dy = subject.floats(x.map(() => 2));
	subject.kernels.unaryGradient(operation, subject.floats(x), dy, dx, parameter);
	return subject.read(dx);
}

describe("unary functions over the whole range of float32", () => {
	it.each(functions)("%s", (operation, definition, relative, absolute) => {
		for (const subject of subjects) {
			const expected = inputs.map(definition);
			expectAllClose(
				unary(subject, operation, inputs),
				expected,
				{ relative, absolute },
				(i) => `${operation}(${inputs[i]})`,
			);
		}
	});

	it("gelu keeps its lower tail", () => {
		// Φ(-4), Φ(-8) and Φ(-12) from tables.
		const expected = [-4 * 3.1671242e-5, -8 * 6.2209606e-16, -12 * 1.7764821e-33];
		for (const subject of subjects) expectAllClose(unary(subject, "gelu", [-4, -8, -12]), expected, { relative: 1e-5 });
	});

	it.each(["tanh", "sigmoid"] as const)("the slope of %s does not vanish before it must", (operation) => {
		const x = [-40, -20, -10, 10, 20, 40];
		const scale = operation === "tanh" ? 2 : 1;
		const expected = x.map((value) => {
			const e = Math.exp(-Math.abs(value) * scale);
			return (2 * scale ** 2 * e) / (1 + e) ** 2;
		});
		for (const subject of subjects) expectAllClose(gradient(subject, operation, x), expected, { relative: 1e-6 });
	});

	it.each([1, 2, 3, 4, 5, 7, 8, 9, 63, 4095, 4096, 4097, 12_291])("reads and writes exactly %i elements", (length) => {
		for (const subject of subjects) {
			const x = normals(length, length);
			expectAllClose(
				unary(subject, "scale", x, 3),
				x.map((value) => Math.fround(value) * 3),
				{ relative: 1e-7 },
			);
			const dx = gradient(subject, "shift", x, 3);
			expect(dx.every((value) => value === 2)).toBe(true);
		}
	});
});

describe("powers", () => {
	const bases = [0, -0, 1, -1, 2, -2, 0.3, -0.3, 1e-20, -1e-20, 1e20, -1e20, 1e-40, Infinity, -Infinity, NaN].map(
		Math.fround,
	);
	const exponents = [0, 1, 2, 3, 4, 7, -1, -2, -3, 0.5, -0.5, 1.5, -1.5, 1 / 3, 2.7, 30, -31];

	it.each(exponents)("x ^ %d as Math.pow", (exponent) => {
		const x = [...bases, ...normals(1001, 3, 4)].map(Math.fround);
		for (const subject of subjects) {
			const expected = x.map((base) => base ** exponent);
			expectAllClose(
				unary(subject, "power", x, exponent),
				expected,
				{ relative: 3e-7, absolute: 1e-45 },
				(i) => `${x[i]} ^ ${exponent}`,
			);
		}
	});

	it.each(exponents)("the gradient of x ^ %d", (exponent) => {
		const x = [0, 1, 2, 0.3, 1e-20, 1e10, ...normals(1001, 4, 4)].map(Math.fround);
		for (const subject of subjects) {
			// 2 is dy. Where the power does not depend on x, neither is there a pole at 0.
			const expected = x.map((base) => (exponent === 0 ? 0 : 2 * exponent * base ** (exponent - 1)));
			expectAllClose(
				gradient(subject, "power", x, exponent),
				expected,
				{ relative: 5e-7, absolute: 1e-37 },
				(i) => `at ${x[i]}`,
			);
		}
	});
});

/** Shapes of 1 to 4 axes, some of size 1, at most one of them longer than the tiles and vectors of the kernels. */
const shapes = fc
	.tuple(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }), fc.constantFrom(1, 9, 70), fc.nat(3))
	.map(([sizes, long, place]) => [...sizes.slice(0, place), long, ...sizes.slice(place)]);

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

/** Strides of an array of this shape whose axes lie in memory in the given order, and 0 where it is broadcast. */
function stridesOf(shape: readonly number[], order: readonly number[], broadcast: readonly boolean[]): number[] {
	const strides = new Array<number>(shape.length).fill(0);
	let stride = 1;
	for (const axis of [...order].reverse()) {
		if (broadcast[axis]) continue;
		strides[axis] = stride;
		stride *= shape[axis]!;
	}
	return strides;
}

/** All elements of a nest as offsets, row-major. */
function offsetsOf(shape: readonly number[], strides: readonly number[]): number[] {
	let offsets = [0];
	shape.forEach((size, axis) => {
		offsets = offsets.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * strides[axis]!));
	});
	return offsets;
}

/** A shape, an order of axes and which of them are broadcast. */
const layouts = shapes.chain((shape) =>
	fc.record({
		shape: fc.constant(shape),
		order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
		broadcast: fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
	}),
);

describe("strided kernels on any layout", () => {
	it("binary", () => {
		fc.assert(
			fc.property(layouts, fc.constantFrom(0, 1, 2), ({ shape, order, broadcast }, which) => {
				const subject = subjects[which]!;
				const plain = [...shape.keys()];
				const aStrides = stridesOf(shape, plain, broadcast);
				const bStrides = stridesOf(
					shape,
					order,
					broadcast.map((value) => !value),
				);
				const a = normals(product(shape), 1).map(Math.fround);
				const b = normals(product(shape), 2).map(Math.fround);
				const out = subject.empty(product(shape));
				subject.kernels.binary("subtract", subject.floats(a), subject.floats(b), out, {
					shape,
					strides: [aStrides, bStrides],
				});
				const aOffsets = offsetsOf(shape, aStrides);
				const bOffsets = offsetsOf(shape, bStrides);
				expect(subject.read(out)).toEqual(aOffsets.map((offset, i) => Math.fround(a[offset]! - b[bOffsets[i]!]!)));
				subject.clear();
			}),
		);
	});

	it("copy", () => {
		fc.assert(
			fc.property(layouts, fc.nat(), fc.constantFrom(0, 1, 2), ({ shape, order, broadcast }, turn, which) => {
				const subject = subjects[which]!;
				const targetOrder = order.map((_, i) => order[(i + turn) % order.length]!);
				const sourceStrides = stridesOf(shape, order, broadcast);
				const targetStrides = stridesOf(shape, targetOrder, []);
				const source = normals(product(shape), 1).map(Math.fround);
				const target = subject.empty(product(shape) + 5);
				subject.kernels.copy(subject.floats([0, 0, 0, ...source]), target, {
					...{ shape, sourceOffset: 3, sourceStrides, targetOffset: 2, targetStrides },
				});
				const expected = new Array<number>(product(shape) + 5).fill(NaN);
				const targets = offsetsOf(shape, targetStrides);
				offsetsOf(shape, sourceStrides).forEach((offset, i) => {
					expected[2 + targets[i]!] = source[offset]!;
				});
				expect(subject.read(target)).toEqual(expected);
				subject.clear();
			}),
		);
	});

	it("copies backwards", () => {
		for (const subject of subjects) {
			const target = subject.empty(1000);
			const layout = { shape: [1000], sourceOffset: 999, sourceStrides: [-1], targetOffset: 0, targetStrides: [1] };
			subject.kernels.copy(subject.floats(Array.from({ length: 1000 }, (_, i) => i)), target, layout);
			expect(subject.read(target)).toEqual(Array.from({ length: 1000 }, (_, i) => 999 - i));
		}
	});

	it("long rows of all kinds", () => {
		const length = 9001;
		for (const subject of subjects) {
			const a = normals(2 * length, 1).map(Math.fround);
			const b = normals(3, 2).map(Math.fround);
			const out = subject.empty(2 * length);
			const layout = {
				shape: [2, length],
				strides: [
					[length, 1],
					[1, 0],
				],
			};
			subject.kernels.binary("multiply", subject.floats(a), subject.floats(b), out, layout);
			expect(subject.read(out)).toEqual(a.map((value, i) => Math.fround(value * b[i < length ? 0 : 1]!)));
			subject.kernels.copy(subject.floats(b), out, {
				...{ shape: [2, length], sourceOffset: 1, sourceStrides: [1, 0], targetOffset: 0, targetStrides: [length, 1] },
			});
			expect(subject.read(out)).toEqual(a.map((_, i) => b[i < length ? 1 : 2]));
		}
	});
});

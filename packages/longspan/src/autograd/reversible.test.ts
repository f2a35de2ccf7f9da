import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	add,
	type Coupling,
	checkpoint,
	type Device,
	DTypeError,
	dropout,
	grad,
	init,
	intTensor,
	matmul,
	mul,
	normal,
	ones,
	reversibleSequence,
	ShapeError,
	scope,
	slice,
	sub,
	sum,
	type Tensor,
	tanh,
	transpose,
	treeTensors,
	valueAndGrad,
} from "../index.js";
import { expectAllClose, relativeError } from "../testing/expect-close.js";
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

type Sequence = typeof reversibleSequence;

/** The same function with every activation stored. */
const stored: Sequence = (couplings, x1, x2) => {
	let [y1, y2] = [x1, x2];
	for (const coupling of couplings) {
		y1 = add(y1, coupling.f(y2));
		y2 = add(y2, coupling.g(y1));
	}
	return [y1, y2];
};

type Weights = { readonly f: Tensor; readonly g: Tensor };

const drawWeights = (depth: number, dim: number, device: Device): Weights[] =>
	Array.from({ length: depth }, (_, layer) => ({
		f: mul(normal([dim, dim], { seed: 1, stream: 2 * layer }, device), 0.4),
		g: mul(normal([dim, dim], { seed: 1, stream: 2 * layer + 1 }, device), 0.4),
	}));

/** Matrix, tanh and keyed dropout, as f; matrix and tanh as g. */
const couplingsOf = (weights: readonly Weights[], rate = 0.25): Coupling[] =>
	weights.map(({ f, g }, layer) => ({
		f: (x) => scope(() => dropout(tanh(matmul(x, f)), rate, { seed: 7, stream: layer, step: 3 })),
		g: (x) => scope(() => tanh(matmul(x, g))),
	}));

const lossOf = ([y1, y2]: [Tensor, Tensor]): Tensor => scope(() => sum(mul(y1, tanh(y2))));

describe("reversibleSequence", () => {
	it("has the outputs and gradients of stored activations, with dropout", () => {
		scope(() => {
			const inputs = {
				weights: drawWeights(5, 6, exact),
				x1: normal([4, 6], { seed: 2 }, exact),
				x2: normal([4, 6], { seed: 3 }, exact),
			};
			const run = (sequence: Sequence) =>
				valueAndGrad(({ weights, x1, x2 }: typeof inputs) => lossOf(sequence(couplingsOf(weights), x1, x2)))(inputs);
			const [ours, theirs] = [run(reversibleSequence), run(stored)];
			expect(exactValues(ours.value)).toEqual(exactValues(theirs.value));
			const wanted = treeTensors(theirs.gradient);
			treeTensors(ours.gradient).forEach((gradient, index) => {
				const values = exactValues(wanted[index] as Tensor);
				expect(Math.max(...values)).toBeGreaterThan(0.01);
				expectAllClose(exactValues(gradient), values, { relative: 1e-10, absolute: 1e-12 });
			});
		});
	});

	it("gets its inputs back from its outputs", () => {
		scope(() => {
			const couplings = couplingsOf(drawWeights(6, 6, wasm));
			const [x1, x2] = [3, 4].map((seed) => normal([5, 6], { seed }, wasm)) as [Tensor, Tensor];
			let [y1, y2] = reversibleSequence(couplings, x1, x2);
			for (const { f, g } of couplings.toReversed()) {
				y2 = sub(y2, g(y1));
				y1 = sub(y1, f(y2));
			}
			expect(relativeError(y1.dataSync(), x1.dataSync())).toBeLessThan(1e-5);
			expect(relativeError(y2.dataSync(), x2.dataSync())).toBeLessThan(1e-5);
		});
	});

	it("computes the same without and with a tape, and frees what is between", () => {
		const before = wasm.memoryStats().buffers;
		scope(() => {
			const couplings = couplingsOf(drawWeights(3, 6, wasm));
			const x = normal([5, 6], { seed: 3 }, wasm);
			const held = wasm.memoryStats().buffers;
			const plain = reversibleSequence(couplings, x, x);
			expect(wasm.memoryStats().buffers).toBe(held + 2);
			const { value, gradient } = valueAndGrad((input: Tensor) => lossOf(reversibleSequence(couplings, input, input)))(
				x,
			);
			expect(wasm.memoryStats().buffers).toBe(held + 4);
			expect(value.dataSync()).toEqual(lossOf(plain).dataSync());
			expect(gradient.shape).toEqual(x.shape);
		});
		expect(wasm.memoryStats().buffers).toBe(before);
	});

	describe("has the gradients that differences give", () => {
		const check = (fn: (x1: Tensor, x2: Tensor, w: Tensor) => Tensor) =>
			expectGradients(exact, fn, [
				[3, 4],
				[3, 4],
				[4, 4],
			]);
		const shared = (w: Tensor, depth: number): Coupling[] =>
			Array.from({ length: depth }, () => ({ f: (x) => tanh(matmul(x, w)), g: (x) => mul(tanh(matmul(x, w)), 0.5) }));

		it("with one matrix in every f and g", () => {
			check((x1, x2, w) => add(...reversibleSequence(shared(w, 3), x1, x2)));
		});

		it("with one tensor as both streams", () => {
			check((x, _, w) => mul(...reversibleSequence(shared(w, 2), x, x)));
		});

		it("where only one output is used", () => {
			check((x1, x2, w) => reversibleSequence(shared(w, 2), x1, x2)[0]);
			check((x1, x2, w) => reversibleSequence(shared(w, 2), x1, x2)[1]);
		});

		it("where f or g returns its input or a parameter, or uses an input of the sequence from outside", () => {
			check((x1, x2, w) => {
				const odd: Coupling[] = [
					{ f: (x) => x, g: () => slice(w, 0, 0, 3) },
					{ f: (x) => mul(x, x1), g: (x) => tanh(add(x, x2)) },
					{ f: () => x1, g: (x) => x },
				];
				return mul(...reversibleSequence(odd, x1, x2));
			});
		});

		it("with streams of different shapes", () => {
			check((x1, x2, w) => {
				const [y1, y2] = reversibleSequence(
					[{ f: (x) => tanh(transpose(x, [1, 0])), g: (x) => matmul(transpose(tanh(x), [1, 0]), w) }],
					transpose(x1, [1, 0]),
					x2,
				);
				return add(transpose(y1, [1, 0]), y2);
			});
		});

		it("inside a checkpoint, around checkpoints and around another sequence", () => {
			check((x1, x2, w) => {
				const inner = (x: Tensor) => add(...reversibleSequence(shared(w, 2), x, x));
				const couplings: Coupling[] = [
					{ f: (x) => checkpoint((h) => tanh(matmul(tanh(h), w)), x), g: (x) => mul(inner(x), 0.2) },
					...shared(w, 1),
				];
				return add(...(checkpoint((a, b) => reversibleSequence(couplings, a, b), x1, x2) as [Tensor, Tensor]));
			});
		});

		it("of parameters alone", () => {
			expectGradients(
				exact,
				(w) => {
					const x = ones([3, 4], exact);
					return add(...reversibleSequence(shared(w, 2), x, x));
				},
				[[4, 4]],
			);
		});
	});

	it.each(["reference", "wasm"])("needs no more memory at depth 32 than at depth 2 on the %s device", (which) => {
		const device = which === "wasm" ? wasm : exact;
		const [length, dim] = [2048, 8];
		const live = () => device.memoryStats().liveBytes;
		/** Peak of a gradient in streams of [length, dim], without the gradients of the weights. */
		const peak = (sequence: Sequence, depth: number): number =>
			scope(() => {
				const empty = live();
				const weights = drawWeights(depth, dim, device);
				const weightBytes = live() - empty;
				const x = normal([length, dim], { seed: 3 }, device);
				const streamBytes = live() - empty - weightBytes;
				const before = live();
				device.resetPeakMemory();
				grad((p: Weights[]) => scope(() => sum(add(...sequence(couplingsOf(p), x, x)))))(weights);
				return (device.memoryStats().peakBytes - before - weightBytes) / streamBytes;
			});
		const shallow = peak(reversibleSequence, 2);
		// Two streams and their gradients; of one f, its product and two gradients on the way.
		expect(shallow).toBeLessThan(7.1);
		for (const depth of [4, 8, 16, 32]) expect(peak(reversibleSequence, depth)).toBeLessThanOrEqual(shallow);
		expect(peak(stored, 32)).toBeGreaterThan(60);
	});

	describe("refuses", () => {
		const x = () => ones([2, 4], exact);
		const with1 = (coupling: Partial<Coupling>) => () =>
			reversibleSequence(
				[
					{ f: tanh, g: tanh },
					{ f: tanh, g: tanh, ...coupling },
				],
				x(),
				x(),
			);
		itRefuses(
			() => exact,
			[
				[
					"an f of another shape",
					with1({ f: (h) => slice(h, 1, 0, 3) }),
					ShapeError,
					/f of couplings\[1\] has shape \[2, 3\]; expected \[2, 4\]/,
				],
				[
					"a g that would broadcast",
					with1({ g: (h) => sum(h) }),
					ShapeError,
					/g of couplings\[1\] has shape \[\]; expected \[2, 4\]/,
				],
				[
					"an f that returns nothing",
					with1({ f: () => undefined as unknown as Tensor }),
					DTypeError,
					/f of couplings\[1\] is undefined/,
				],
				[
					"ids",
					() => reversibleSequence([], x(), intTensor([1], [1], exact) as unknown as Tensor),
					DTypeError,
					/argument x2 is an int32 tensor/,
				],
			],
		);

		it("a wrong shape while differentiating, and can be used afterwards", () => {
			const before = exact.memoryStats().buffers;
			scope(() => {
				const bad = grad((h: Tensor) => sum(reversibleSequence([{ f: tanh, g: (y) => slice(y, 0, 0, 1) }], h, h)[0]));
				expect(() => bad(x())).toThrow(ShapeError);
				const good = grad((h: Tensor) => sum(reversibleSequence([{ f: tanh, g: tanh }], h, h)[0]));
				expect(good(x()).shape).toEqual([2, 4]);
			});
			expect(exact.memoryStats().buffers).toBe(before);
		});
	});
});

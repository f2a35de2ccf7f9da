import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	add,
	checkpoint,
	customOp,
	type Device,
	DTypeError,
	exp,
	grad,
	init,
	intTensor,
	matmul,
	mul,
	OptionError,
	ones,
	ShapeError,
	scope,
	sum,
	type Tensor,
	tanh,
	tensor,
	valueAndGrad,
	vjp,
} from "../index.js";
import { expectGradients } from "../testing/tensor-gradient.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});

const values = (x: Tensor) => Array.from(x.dataSync());

describe("grad and valueAndGrad", () => {
	it("return gradients in the form of the parameters", () => {
		const parameters = { layers: [{ w: tensor([1, 2]) }, { w: tensor([3, 4]) }], scale: tensor([2], []) };
		const { value, gradient } = valueAndGrad((p: typeof parameters) =>
			mul(p.scale, sum(mul(p.layers[0]?.w as Tensor, p.layers[1]?.w as Tensor))),
		)(parameters);
		expect(values(value)).toEqual([22]);
		expect(values(gradient.layers[0]?.w as Tensor)).toEqual([6, 8]);
		expect(values(gradient.layers[1]?.w as Tensor)).toEqual([2, 4]);
		expect(values(gradient.scale)).toEqual([11]);
	});

	it("give zeros for a parameter that is not used, and the whole gradient for one used twice", () => {
		const shared = tensor([3]);
		const gradient = grad((p: { a: Tensor; b: Tensor; unused: Tensor }) => sum(mul(p.a, p.b)))({
			a: shared,
			b: shared,
			unused: tensor([1, 1]),
		});
		expect(values(gradient.a)).toEqual([6]);
		expect(values(gradient.b)).toEqual([6]);
		expect(values(gradient.unused)).toEqual([0, 0]);
	});

	it("differentiate when the result is a parameter itself", () => {
		expect(values(grad((x: Tensor) => x)(tensor([5])))).toEqual([1]);
	});

	it("pass further arguments through", () => {
		const gradient = grad((x: Tensor, factor: number) => sum(mul(x, factor)))(tensor([1, 2]), 3);
		expect(values(gradient)).toEqual([3, 3]);
	});

	it("keep what the backward pass needs although scopes in the function freed it", () => {
		const f = (x: Tensor) => scope(() => sum(exp(scope(() => mul(x, x)))));
		const [gradient] = values(grad(f)(tensor([0.5])));
		expect(gradient).toBeCloseTo(2 * 0.5 * Math.exp(0.25), 6);
	});

	it("refuse what they cannot differentiate", () => {
		expect(() => grad((x: Tensor) => x)(tensor([1, 2]))).toThrow(ShapeError);
		expect(() => grad(() => ones([1]))(intTensor([1]) as unknown as Tensor)).toThrow(DTypeError);
		expect(() => grad((x: Tensor) => grad((y: Tensor) => sum(y))(x))(tensor([1]))).toThrow(OptionError);
		expect(() => grad((x: { a: Tensor }) => x.a)({ a: 3 as unknown as Tensor })).toThrow(/number at a/);
	});

	it("can be used after the function threw", () => {
		const bad = grad(() => {
			throw new Error("no");
		});
		expect(() => bad(tensor([1]))).toThrow("no");
		expect(values(grad((x: Tensor) => sum(x))(tensor([1])))).toEqual([1]);
	});
});

describe("memory", () => {
	let before: number;
	beforeEach(() => {
		before = device.memoryStats().buffers;
	});

	it("is freed but for the parameters, the value and the gradient", () => {
		const x = tensor([1, 2, 3]);
		const { value, gradient } = valueAndGrad((p: Tensor) => sum(tanh(mul(p, exp(p)))))(x);
		expect(device.memoryStats().buffers - before).toBe(3);
		for (const t of [x, value, gradient]) t.dispose();
		expect(device.memoryStats().buffers).toBe(before);
	});

	it("is freed when the function throws after it recorded", () => {
		const x = tensor([1, 2, 3]);
		expect(() =>
			grad((p: Tensor) => {
				exp(mul(p, p));
				throw new Error("no");
			})(x),
		).toThrow("no");
		x.dispose();
		expect(device.memoryStats().buffers).toBe(before);
	});

	it("of vjp is freed by its pullback, or by dispose", () => {
		const x = tensor([1, 2, 3]);
		const first = vjp((p) => exp(mul(p, p)), x);
		const dy = ones([3]);
		const [dx] = first.pullback(dy);
		expect(() => first.pullback(dy)).toThrow(/second time/);
		const second = vjp((p) => exp(mul(p, p)), x);
		second.dispose();
		for (const t of [x, dy, dx as Tensor, first.output, second.output]) t.dispose();
		expect(device.memoryStats().buffers).toBe(before);
	});
});

describe("checkpoint", () => {
	const block = (x: Tensor, w: Tensor) => tanh(matmul(tanh(matmul(x, w)), w));

	it("gives the same gradients, of inputs and of tensors from outside", () => {
		expectGradients(device, (x, w) => checkpoint((h) => block(h, w), x), [
			[3, 4],
			[4, 4],
		]);
		expectGradients(
			device,
			(x, w) => {
				let h = x;
				for (let layer = 0; layer < 3; layer++) h = checkpoint((y) => block(y, w), h);
				return h;
			},
			[
				[3, 4],
				[4, 4],
			],
		);
	});

	it("passes several outputs, and gradients that only some of them get", () => {
		expectGradients(
			device,
			(x) => {
				const [a] = checkpoint((h) => [exp(h), tanh(h)], x) as Tensor[];
				return a as Tensor;
			},
			[[4]],
		);
	});

	it("counts an input that the function also uses from outside", () => {
		expectGradients(device, (x) => checkpoint((h) => mul(h, tanh(x)), x), [[4]]);
	});

	it("holds less memory than the same without it", () => {
		const peak = (wrap: typeof checkpoint) => {
			const x = ones([32, 32]);
			const w = mul(ones([32, 32]), 0.03);
			const before = device.memoryStats().liveBytes;
			device.resetPeakMemory();
			const loss = (p: Tensor) => {
				let h = p;
				for (let layer = 0; layer < 16; layer++) h = wrap((y: Tensor) => scope(() => block(y, w)), h) as Tensor;
				return sum(h);
			};
			const gradient = grad(loss)(x);
			const used = device.memoryStats().peakBytes - before;
			for (const t of [x, w, gradient]) t.dispose();
			return used;
		};
		const plain = peak(((fn: (x: Tensor) => Tensor, x: Tensor) => fn(x)) as unknown as typeof checkpoint);
		expect(peak(checkpoint)).toBeLessThan(0.6 * plain);
	});

	it("is plain evaluation when nothing is differentiated", () => {
		expect(values(checkpoint((x) => mul(x, 2), tensor([2])))).toEqual([4]);
	});
});

describe("customOp", () => {
	it("uses its own gradient", () => {
		const reversed = customOp({
			forward: (x: Tensor) => ({ output: mul(x, 1) }),
			backward: (_, dy) => [dy && mul(dy, -1)],
		});
		expect(values(grad((x: Tensor) => sum(reversed(x)))(tensor([1, 2])))).toEqual([-1, -1]);
	});

	it("sees its inputs, what it saved, and which gradients are needed", () => {
		const product = customOp({
			forward: (a: Tensor, b: Tensor) => {
				const squared = mul(a, a);
				return { output: mul(squared, b), save: [squared] };
			},
			backward: ({ inputs: [a, b], saved: [squared], needed }, dy) => [
				dy && needed[0] ? mul(dy, mul(mul(a, b), 2)) : null,
				dy && needed[1] ? mul(dy, squared as Tensor) : null,
			],
		});
		expectGradients(device, (a, b) => add(product(a, b), a), [[4], [4]]);
	});
});

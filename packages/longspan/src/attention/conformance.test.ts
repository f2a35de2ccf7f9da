import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vjp } from "../autograd/grad.js";
import { createWasmBackend } from "../backends/wasm/index.js";
import { Device, init, intTensor, scope, setCurrentDevice, slice, type Tensor, tensor } from "../index.js";
import { type MechanismCase, mechanismCases } from "../testing/mechanism-cases.js";
import { integersBetween, normals } from "../testing/random-values.js";
import { exactValues } from "../testing/tensor-gradient.js";

interface Sizes {
	batch: number;
	heads: number;
	queries: number;
	keys: number;
	headDim: number;
	valueDim: number;
	/** Which keys take part, by batch entry. */
	mask?: "none" | "right" | "random" | "left";
}

const shapes: Sizes[] = [
	{ batch: 1, heads: 1, queries: 1, keys: 1, headDim: 16, valueDim: 16 },
	{ batch: 2, heads: 2, queries: 63, keys: 63, headDim: 16, valueDim: 24, mask: "right" },
	{ batch: 2, heads: 2, queries: 65, keys: 65, headDim: 24, valueDim: 24, mask: "left" },
	{ batch: 1, heads: 2, queries: 130, keys: 130, headDim: 64, valueDim: 64, mask: "random" },
	{ batch: 1, heads: 2, queries: 200, keys: 200, headDim: 80, valueDim: 16 },
	{ batch: 1, heads: 2, queries: 257, keys: 257, headDim: 128, valueDim: 128 },
	{ batch: 1, heads: 2, queries: 1000, keys: 1000, headDim: 16, valueDim: 16 },
	{ batch: 2, heads: 2, queries: 33, keys: 150, headDim: 16, valueDim: 24, mask: "random" },
	{ batch: 2, heads: 2, queries: 150, keys: 33, headDim: 24, valueDim: 16 },
];

/** 1 for keys that take part. In one batch entry "none" leaves no key at all. */
function maskValues({ batch, keys, mask }: Sizes): number[] | null {
	if (!mask) return null;
	const drawn = integersBetween(batch * keys, 9, 0, 2);
	return Array.from({ length: batch * keys }, (_, at) => {
		const [b, j] = [Math.floor(at / keys), at % keys];
		const hidden = Math.floor(keys / 3) * (b + 1);
		if (mask === "right") return Number(j < keys - hidden);
		if (mask === "left") return Number(j >= hidden);
		return mask === "none" ? Number(b > 0) : (drawn[at] as number);
	});
}

interface Result {
	output: Float64Array | Float32Array;
	gradients: (Float64Array | Float32Array)[];
}

/** Output and gradients of `fn` on a device, on the same numbers everywhere. */
function run(
	device: Device,
	sizes: Sizes,
	fn: (q: Tensor, k: Tensor, v: Tensor, keyMask?: Tensor<"int32">) => Tensor,
): Result {
	const { batch, heads, queries, keys, headDim, valueDim } = sizes;
	return scope(() => {
		const make = (length: number, width: number, seed: number) =>
			tensor(Float32Array.from(normals(batch * heads * length * width, seed)), [batch, heads, length, width], device);
		const [q, k, v] = [make(queries, headDim, 1), make(keys, headDim, 2), make(keys, valueDim, 3)];
		const mask = maskValues(sizes);
		const keyMask = mask ? intTensor(mask, [batch, keys], device) : undefined;
		const { output, pullback } = vjp((...inputs) => fn(...(inputs as [Tensor, Tensor, Tensor]), keyMask), q, k, v);
		const gradients = pullback(make(queries, valueDim, 4));
		const read: (x: Tensor) => Float64Array | Float32Array = device.description.startsWith("reference")
			? exactValues
			: (x: Tensor) => x.dataSync();
		return { output: read(output), gradients: gradients.map(read) };
	});
}

function expectClose(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
	expect(actual.length, name).toBe(expected.length);
	let squares = 0;
	for (let at = 0; at < expected.length; at++) squares += (expected[at] as number) ** 2;
	// Inputs are of size 1; the floor is for gradients that are 0 by definition (a query with a single key).
	const unit = Math.max(0.2, Math.sqrt(squares / Math.max(1, expected.length)));
	let worst = 0;
	for (let at = 0; at < expected.length; at++) {
		const error =
			Math.abs((actual[at] as number) - (expected[at] as number)) / (Math.abs(expected[at] as number) + unit);
		if (!(error <= worst)) worst = error;
	}
	expect(worst, `${name}: largest error relative to the element plus the root mean square`).toBeLessThan(tolerance);
}

/** A device whose fresh buffers are full of NaN, so that nothing unwritten goes unnoticed. */
async function startPoisoned(threads: number): Promise<Device> {
	const device = new Device(await createWasmBackend({ threads, poison: true }));
	setCurrentDevice(device);
	return device;
}

const devices: Record<string, { start: () => Promise<Device>; tolerance: number }> = {
	reference: { start: () => init({ device: "reference" }), tolerance: 1e-10 },
	"wasm, 1 thread": { start: () => startPoisoned(1), tolerance: 3e-5 },
	"wasm, 2 threads": { start: () => startPoisoned(2), tolerance: 3e-5 },
	"wasm, 4 threads": { start: () => startPoisoned(4), tolerance: 3e-5 },
};

let definition: Device;
const definitions = new Map<string, Result>();
beforeAll(async () => {
	definition = await init({ device: "reference" });
});

/** Output and gradients of the dense definition in float64, computed once for all devices. */
function defined(test: MechanismCase, sizes: Sizes): Result {
	const key = test.name + JSON.stringify(sizes);
	let result = definitions.get(key);
	if (!result) {
		result = run(definition, sizes, test.reference);
		definitions.set(key, result);
	}
	return result;
}

function applies({ cross, heads, minLength = 1 }: MechanismCase, sizes: Sizes): boolean {
	return (
		(cross || sizes.queries === sizes.keys) &&
		(heads === undefined || heads === sizes.heads) &&
		sizes.queries >= minLength
	);
}

describe.each(Object.entries(devices))(
	"%s: output and gradients equal the dense definition",
	(_, { start, tolerance }) => {
		let device: Device;
		beforeAll(async () => {
			device = await start();
		});
		afterAll(() => device.dispose());

		describe.each(mechanismCases.map((test) => [test.name, test] as const))("%s", (_name, test) => {
			it.each(shapes.filter((sizes) => applies(test, sizes)))(
				"$batch x $heads x $queries/$keys x $headDim/$valueDim, mask $mask",
				(sizes) => {
					const buffers = device.memoryStats().buffers;
					const actual = run(device, sizes, (q, k, v, keyMask) => test.attend(q, k, v, { keyMask }));
					const expected = defined(test, sizes);
					expectClose("output", actual.output, expected.output, tolerance);
					for (const [index, name] of ["dq", "dk", "dv"].entries())
						expectClose(
							name,
							actual.gradients[index] as Float32Array,
							expected.gradients[index] as Float64Array,
							tolerance,
						);
					expect(device.memoryStats().buffers).toBe(buffers);
				},
			);

			it("gives 0 and no gradient to queries that see no key", () => {
				const sizes: Sizes = { batch: 2, heads: 2, queries: 70, keys: 70, headDim: 16, valueDim: 16, mask: "none" };
				const { output, gradients } = run(device, sizes, (q, k, v, keyMask) => test.attend(q, k, v, { keyMask }));
				for (const values of [output, ...gradients]) {
					expect(values.slice(0, values.length / 2).every((value) => value === 0)).toBe(true);
					expect(values.every((value) => Number.isFinite(value))).toBe(true);
				}
			});

			it("does not depend on batch neighbours or on what padding holds", () => {
				const { batch, heads, keys, headDim } = { batch: 2, heads: 2, keys: 90, headDim: 16 };
				const kept = 70;
				scope(() => {
					const size = heads * keys * headDim;
					const rows = (seed: number) => normals(batch * size, seed);
					const [q, k, v] = [rows(1), rows(2), rows(3)];
					const padded = (values: number[], fill: number) =>
						values.map((value, at) => (at < size && Math.floor(at / headDim) % keys >= kept ? fill : value));
					const mask = Array.from({ length: batch * keys }, (_, at) => Number(at >= keys || at < kept));
					const shape = [batch, heads, keys, headDim];
					const attend = (fill: number) =>
						test.attend(
							tensor(q, shape, device),
							tensor(padded(k, fill), shape, device),
							tensor(padded(v, fill), shape, device),
							{
								keyMask: intTensor(mask, [batch, keys], device),
							},
						);
					expect(attend(1e9).dataSync()).toEqual(attend(-3).dataSync());
					const alone = (values: number[]) => tensor(values.slice(size), [1, heads, keys, headDim], device);
					const second = test.attend(alone(q), alone(k), alone(v));
					expectClose("second entry alone", attend(0).dataSync().slice(size), second.dataSync(), 1e-5);
				});
			});
		});

		describe.each(mechanismCases.filter(({ attend }) => attend.causal).map((test) => [test.name, test] as const))(
			"%s",
			(_name, test) => {
				const { batch, heads, length, headDim, valueDim } = {
					batch: 2,
					heads: 2,
					length: 150,
					headDim: 16,
					valueDim: 24,
				};
				const inputs = () => {
					const make = (width: number, seed: number) =>
						tensor(
							Float32Array.from(normals(batch * heads * length * width, seed)),
							[batch, heads, length, width],
							device,
						);
					return [make(headDim, 1), make(headDim, 2), make(valueDim, 3)] as [Tensor, Tensor, Tensor];
				};

				it.each([
					["all at once", [150]],
					["one by one", new Array(150).fill(1)],
					["a prompt, then one by one", [97, ...new Array(53).fill(1)]],
					["pieces of every kind", [1, 1, 64, 3, 40, 1, 1, 39]],
				])("decodes to the same output: %s", (_split, pieces: number[]) => {
					const buffers = device.memoryStats().buffers;
					scope(() => {
						const [q, k, v] = inputs();
						const whole = test.attend(q, k, v).dataSync();
						const session = test.attend.startDecoding({ batch, heads, headDim, valueDim });
						let at = 0;
						for (const piece of pieces) {
							const part = (x: Tensor) => slice(x, 2, at, at + piece);
							const out = session.append(part(q), part(k), part(v)).dataSync();
							const expected = slice(
								tensor(whole, [batch, heads, length, valueDim], device),
								2,
								at,
								at + piece,
							).dataSync();
							expectClose(`positions from ${at}`, out, expected, 1e-4);
							at += piece;
							expect(session.position).toBe(at);
						}
						session.dispose();
					});
					expect(device.memoryStats().buffers).toBe(buffers);
				});

				it("changes no output before a changed token", () => {
					scope(() => {
						const [q, k, v] = inputs();
						const changedFrom = 77;
						const change = (x: Tensor) => {
							const width = x.shape[3] as number;
							return tensor(
								x.dataSync().map((value, i) => (Math.floor(i / width) % length >= changedFrom ? value + 5 : value)),
								x.shape,
								device,
							);
						};
						const before = test.attend(q, k, v).dataSync();
						const after = test.attend(change(q), change(k), change(v)).dataSync();
						const early = (values: Float32Array) =>
							values.filter((_, i) => Math.floor(i / valueDim) % length < changedFrom);
						expect(early(after)).toEqual(early(before));
					});
				});
			},
		);
	},
);

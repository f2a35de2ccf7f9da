import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vjp } from "../autograd/grad.js";
import { createWasmBackend } from "../backends/wasm/index.js";
import { Device, init, intTensor, scope, setCurrentDevice, slice, type Tensor, tensor } from "../index.js";
import {
	appliesTo,
	type CaseSizes,
	callOptions,
	type ExtraInputs,
	type MechanismCase,
} from "../testing/mechanism-case.js";
import { mechanismCases } from "../testing/mechanism-cases.js";
import { integersBetween, normals } from "../testing/random-values.js";
import { exactValues } from "../testing/tensor-gradient.js";

interface Sizes extends CaseSizes {
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

type Call = (q: Tensor, k: Tensor, v: Tensor, keyMask: Tensor<"int32"> | undefined, extra: ExtraInputs) => Tensor;

/** q, k and v of a case, on the same numbers everywhere; q and k are one tensor where the mechanism shares them. */
function makeInputs(device: Device, test: MechanismCase, sizes: CaseSizes): [Tensor, Tensor, Tensor] {
	const { batch, heads, queries, keys, headDim, valueDim } = sizes;
	const make = (length: number, width: number, seed: number) =>
		tensor(Float32Array.from(normals(batch * heads * length * width, seed)), [batch, heads, length, width], device);
	const q = make(queries, headDim, 1);
	return [q, test.attend.sharesQueryKey ? q : make(keys, headDim, 2), make(keys, valueDim, 3)];
}

/** Further inputs of a case by name. */
function makeExtra(device: Device, test: MechanismCase, sizes: CaseSizes): ExtraInputs {
	const shapes = Object.entries(test.extraInputs?.(sizes) ?? {});
	return Object.fromEntries(
		shapes.map(([name, shape], index) => {
			const values = normals(
				shape.reduce((product, size) => product * size, 1),
				100 + index,
			);
			return [name, tensor(Float32Array.from(values), shape, device)];
		}),
	);
}

/** Names of the differentiable inputs of a case, in the order of the gradients of `run`. */
function inputNames(test: MechanismCase, sizes: CaseSizes): string[] {
	return [...(test.attend.sharesQueryKey ? ["qk"] : ["q", "k"]), "v", ...Object.keys(test.extraInputs?.(sizes) ?? {})];
}

/** Output and gradients of `fn` on a device. */
function run(device: Device, test: MechanismCase, sizes: Sizes, fn: Call): Result {
	const { batch, heads, queries, keys, valueDim } = sizes;
	return scope(() => {
		const [q, k, v] = makeInputs(device, test, sizes);
		const extra = makeExtra(device, test, sizes);
		const mask = maskValues(sizes);
		const keyMask = mask ? intTensor(mask, [batch, keys], device) : undefined;
		const shared = k === q;
		const inputs = [q, ...(shared ? [] : [k]), v, ...Object.values(extra)];
		const { output, pullback } = vjp(
			(...list) => {
				const [tq, tk, tv] = (shared ? [list[0], list[0], list[1]] : list) as [Tensor, Tensor, Tensor];
				const others = list.slice(shared ? 2 : 3);
				const named = Object.fromEntries(Object.keys(extra).map((name, at) => [name, others[at] as Tensor]));
				return fn(tq, tk, tv, keyMask, named);
			},
			...inputs,
		);
		const upstream = Float32Array.from(normals(batch * heads * queries * valueDim, 4));
		const gradients = pullback(tensor(upstream, [batch, heads, queries, valueDim], device));
		const read: (x: Tensor) => Float64Array | Float32Array = device.description.startsWith("reference")
			? exactValues
			: (x: Tensor) => x.dataSync();
		return { output: read(output), gradients: gradients.map(read) };
	});
}

/** The call of a case on its mechanism. */
const call =
	(test: MechanismCase): Call =>
	(q, k, v, keyMask, extra) =>
		test.attend(q, k, v, callOptions(test, keyMask, extra));

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
		result = run(definition, test, sizes, test.reference);
		definitions.set(key, result);
	}
	return result;
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
			it.each(shapes.filter((sizes) => appliesTo(test, sizes)))(
				"$batch x $heads x $queries/$keys x $headDim/$valueDim, mask $mask",
				(sizes) => {
					const buffers = device.memoryStats().buffers;
					const actual = run(device, test, sizes, call(test));
					const expected = defined(test, sizes);
					expectClose("output", actual.output, expected.output, tolerance);
					for (const [index, name] of inputNames(test, sizes).entries())
						expectClose(
							`d${name}`,
							actual.gradients[index] as Float32Array,
							expected.gradients[index] as Float64Array,
							tolerance,
						);
					expect(device.memoryStats().buffers).toBe(buffers);
				},
			);

			it.skipIf(test.zeroWithoutKeys === false)("gives 0 and no gradient to queries that see no key", () => {
				const sizes: Sizes = {
					...{ batch: 2, heads: test.heads ?? 2, queries: 70, keys: 70, headDim: 16, valueDim: 16 },
					mask: "none",
				};
				const { output, gradients } = run(device, test, sizes, call(test));
				const perEntry = gradients.slice(0, inputNames(test, sizes).indexOf("v") + 1);
				for (const values of [output, ...perEntry])
					expect(values.slice(0, values.length / 2).every((value) => value === 0)).toBe(true);
				for (const values of gradients) expect(values.every((value) => Number.isFinite(value))).toBe(true);
			});

			it("does not depend on batch neighbours or on what padding holds", () => {
				const sizes = {
					...{ batch: 2, heads: test.heads ?? 2, queries: 90, keys: 90, headDim: 16, valueDim: 16 },
				};
				const { batch, heads, keys, headDim } = sizes;
				const kept = 70;
				scope(() => {
					const size = heads * keys * headDim;
					const shape = [batch, heads, keys, headDim];
					const [q, k, v] = makeInputs(device, test, sizes).map((x) => Array.from(x.dataSync())) as [
						number[],
						number[],
						number[],
					];
					const isPadding = (at: number) => at < size && Math.floor(at / headDim) % keys >= kept;
					const padded = (values: number[], fill: number) =>
						tensor(
							values.map((value, at) => (isPadding(at) ? fill : value)),
							shape,
							device,
						);
					const mask = Array.from({ length: batch * keys }, (_, at) => Number(at >= keys || at < kept));
					const extra = makeExtra(device, test, sizes);
					const attend = (tq: Tensor, tk: Tensor, tv: Tensor, keyMask?: Tensor<"int32">) =>
						test.attend(tq, test.attend.sharesQueryKey ? tq : tk, tv, callOptions(test, keyMask, extra));
					const attendFilled = (fill: number) => {
						const queries = test.attend.sharesQueryKey ? padded(q, fill) : tensor(q, shape, device);
						const keyMask = intTensor(mask, [batch, keys], device);
						const out = attend(queries, padded(k, fill), padded(v, fill), keyMask).dataSync();
						// Where queries are keys, those of padding differ.
						return test.attend.sharesQueryKey ? out.filter((_, at) => !isPadding(at)) : out;
					};
					expect(attendFilled(1e9)).toEqual(attendFilled(-3));
					const alone = (values: number[]) => tensor(values.slice(size), [1, heads, keys, headDim], device);
					const second = attend(alone(q), alone(k), alone(v));
					expectClose("second entry alone", attendFilled(0).slice(-size), second.dataSync(), 1e-5);
				});
			});
		});

		describe.each(mechanismCases.filter(({ attend }) => attend.causal).map((test) => [test.name, test] as const))(
			"%s",
			(_name, test) => {
				const [batch, heads, length, headDim, valueDim] = [2, test.heads ?? 2, 150, 16, 24];
				const sizes = { batch, heads, queries: length, keys: length, headDim, valueDim };
				const attend = (q: Tensor, k: Tensor, v: Tensor) =>
					test.attend(q, k, v, callOptions(test, undefined, makeExtra(device, test, sizes)));

				it.skipIf(test.decodesExactly === false).each([
					["all at once", [150]],
					["one by one", new Array(150).fill(1)],
					["a prompt, then one by one", [97, ...new Array(53).fill(1)]],
					["pieces of every kind", [1, 1, 64, 3, 40, 1, 1, 39]],
				])("decodes to the same output: %s", (_split, pieces: number[]) => {
					const buffers = device.memoryStats().buffers;
					scope(() => {
						const [q, k, v] = makeInputs(device, test, sizes);
						const whole = attend(q, k, v).dataSync();
						const session = test.attend.startDecoding({ batch, heads, headDim, valueDim });
						let at = 0;
						for (const piece of pieces) {
							const part = (x: Tensor) => slice(x, 2, at, at + piece);
							const tq = part(q);
							const out = session.append(tq, k === q ? tq : part(k), part(v)).dataSync();
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
						const [q, k, v] = makeInputs(device, test, sizes);
						const changedFrom = 77;
						const change = (x: Tensor) => {
							const width = x.shape[3] as number;
							return tensor(
								x.dataSync().map((value, i) => (Math.floor(i / width) % length >= changedFrom ? value + 5 : value)),
								x.shape,
								device,
							);
						};
						const before = attend(q, k, v).dataSync();
						const changed = test.causalInKeys === false ? [q, k] : [change(q), change(k)];
						const [tq, tk] = changed as [Tensor, Tensor];
						const after = attend(tq, test.attend.sharesQueryKey ? tq : tk, change(v)).dataSync();
						const early = (values: Float32Array) =>
							values.filter((_, i) => Math.floor(i / valueDim) % length < changedFrom);
						expect(early(after)).toEqual(early(before));
					});
				});
			},
		);
	},
);

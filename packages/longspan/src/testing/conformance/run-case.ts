import { vjp } from "../../autograd/grad.js";
import { type Device, intTensor, scope, type Tensor, tensor } from "../../index.js";
import { type CaseSizes, callOptions, type ExtraInputs, type MechanismCase } from "../mechanism-case.js";
import { integersBetween, normals } from "../random-values.js";
import { exactValues } from "../tensor-gradient.js";

/** Sizes of a conformance test. */
export interface Sizes extends CaseSizes {
	/** Which keys take part, by batch entry. */
	mask?: "none" | "right" | "random" | "left";
}

/** Odd lengths and widths, several batch entries, padding of every kind, other numbers of keys than queries. */
export const shapes: readonly Sizes[] = [
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

export interface Result {
	output: Float64Array | Float32Array;
	gradients: (Float64Array | Float32Array)[];
}

export type Call = (
	q: Tensor,
	k: Tensor,
	v: Tensor,
	keyMask: Tensor<"int32"> | undefined,
	extra: ExtraInputs,
) => Tensor;

/** q, k and v of a case, on the same numbers everywhere; q and k are one tensor where the mechanism shares them. */
export function makeInputs(device: Device, test: MechanismCase, sizes: CaseSizes): [Tensor, Tensor, Tensor] {
	const { batch, heads, queries, keys, headDim, valueDim } = sizes;
	const make = (length: number, width: number, seed: number) =>
		tensor(Float32Array.from(normals(batch * heads * length * width, seed)), [batch, heads, length, width], device);
	const q = make(queries, headDim, 1);
	return [q, test.attend.sharesQueryKey ? q : make(keys, headDim, 2), make(keys, valueDim, 3)];
}

/** Further inputs of a case by name. */
export function makeExtra(device: Device, test: MechanismCase, sizes: CaseSizes): ExtraInputs {
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
export function inputNames(test: MechanismCase, sizes: CaseSizes): string[] {
	return [...(test.attend.sharesQueryKey ? ["qk"] : ["q", "k"]), "v", ...Object.keys(test.extraInputs?.(sizes) ?? {})];
}

/** Output and gradients of `fn` on a device. */
export function run(device: Device, test: MechanismCase, sizes: Sizes, fn: Call): Result {
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
export const call =
	(test: MechanismCase): Call =>
	(q, k, v, keyMask, extra) =>
		test.attend(q, k, v, callOptions(test, keyMask, extra));

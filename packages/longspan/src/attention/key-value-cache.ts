import { OptionError, ShapeError } from "../errors.js";
import { slice } from "../ops/slice.js";
import { filled } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { keep, scope } from "../tensor/scope.js";
import { formatShape, sameShape, stridesOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { DecodingSizes } from "./mechanism.js";

/** Refuses to decode with a mechanism that looks ahead. */
export function checkDecodable(name: string, causal: boolean): void {
	if (!causal)
		throw new OptionError(
			`${name}: startDecoding needs causal: true; without it a token depends on the ones that follow`,
		);
}

/** Checks the tensors of one `append` against the sizes of the session and returns the number of tokens. */
export function checkAppended(
	name: string,
	{ batch, heads, headDim, valueDim = headDim }: DecodingSizes,
	q: Tensor,
	k: Tensor,
	v: Tensor,
): number {
	const length = q.shape[2] ?? 0;
	for (const [argument, tensor, width] of [
		["q", q, headDim],
		["k", k, headDim],
		["v", v, valueDim],
	] as const)
		if (!sameShape(tensor.shape, [batch, heads, length, width]))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(tensor.shape)}; this session expects [${batch}, ${heads}, length, ${width}], equal lengths`,
			);
	if (length < 1) throw new ShapeError(`${name}: append got no token; expected a length of at least 1`);
	return length;
}

/** Writes `rows` [batch, heads, length, width] into `target` [batch, heads, capacity, width] from row `from` on, in place. */
export function writeRows(rows: Tensor, target: Tensor, from: number): void {
	target.device.backend.copy(rows.buffer, target.buffer, {
		shape: rows.shape,
		sourceOffset: 0,
		sourceStrides: stridesOf(rows.shape),
		targetOffset: from * (target.shape[3] as number),
		targetStrides: stridesOf(target.shape),
	});
}

/** Keys and values in buffers that are written in place and double when they are full. */
export class KeyValueCache {
	#keys: Tensor | null = null;
	#values: Tensor | null = null;
	length = 0;

	constructor(readonly sizes: DecodingSizes) {}

	/** All keys up to the capacity; those after the first `length` are 0. */
	get keys(): Tensor {
		return this.#keys as Tensor;
	}

	get values(): Tensor {
		return this.#values as Tensor;
	}

	get capacity(): number {
		return this.#keys?.shape[2] ?? 0;
	}

	get bytes(): number {
		return 4 * ((this.#keys?.size ?? 0) + (this.#values?.size ?? 0));
	}

	append(k: Tensor, v: Tensor): void {
		const needed = this.length + (k.shape[2] as number);
		if (needed > this.capacity) this.#grow(k.device, Math.max(needed, 2 * this.capacity, 64));
		writeRows(k, this.keys, this.length);
		writeRows(v, this.values, this.length);
		this.length = needed;
	}

	#grow(device: Device, capacity: number): void {
		const { batch, heads, headDim, valueDim = headDim } = this.sizes;
		this.#keys = this.#enlarged(device, this.#keys, [batch, heads, capacity, headDim]);
		this.#values = this.#enlarged(device, this.#values, [batch, heads, capacity, valueDim]);
	}

	#enlarged(device: Device, old: Tensor | null, shape: number[]): Tensor {
		// Kernels may multiply rows beyond the length by 0, which they must survive.
		const larger = keep(filled(shape, 0, device));
		if (old) {
			scope(() => writeRows(slice(old, 2, 0, this.length), larger, 0));
			old.dispose();
		}
		return larger;
	}

	dispose(): void {
		this.#keys?.dispose();
		this.#values?.dispose();
		this.#keys = null;
		this.#values = null;
	}
}

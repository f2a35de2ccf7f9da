import { concat, slice } from "../../ops/slice.js";
import { emptyTensor, filled } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { writeRows } from "../decoding.js";
import type { DecodingSizes } from "../mechanism.js";
import { rowMoves } from "./row-moves.js";

/** Keys and values in buffers that are written in place and double when they are full. */
export class KeyValueCache {
	#keys: Tensor | null = null;
	#values: Tensor | null = null;
	#batch: number;
	length = 0;

	constructor(readonly sizes: Readonly<DecodingSizes>) {
		this.#batch = sizes.batch;
	}

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

	/** Keeps the tokens of these ranges (ends exclusive), moved together to the front, and drops the others. */
	retain(ranges: readonly (readonly [from: number, until: number])[]): void {
		const filled = ranges.filter(([from, until]) => from < until);
		for (const rows of filled.length > 0 ? [this.keys, this.values] : []) {
			const kept = scope(() =>
				concat(
					filled.map(([from, until]) => slice(rows, 2, from, until)),
					2,
				),
			);
			writeRows(kept, rows, 0);
			kept.dispose();
		}
		this.length = filled.reduce((sum, [from, until]) => sum + until - from, 0);
	}

	/**
	 * Goes on with these batch entries, in this order: an entry may go on several times, or not at all. As many as before are moved in
	 * place, and those that stay where they are cost nothing.
	 */
	select(entries: readonly number[]): void {
		const same = entries.length === this.#batch;
		this.#batch = entries.length;
		const [keys, values] = [this.#keys, this.#values];
		if (!keys || !values) return;
		if (same) {
			for (const rows of [keys, values]) this.#reorder(rows, entries);
			return;
		}
		this.#keys = this.#chosen(keys, entries);
		this.#values = this.#chosen(values, entries);
	}

	#reorder(rows: Tensor, entries: readonly number[]): void {
		scope(() => {
			const moves = rowMoves(entries);
			const turns = moves.some(({ to }) => to === "spare");
			const spare = turns ? emptyTensor(rows.device, [1, ...rows.shape.slice(1)]) : rows;
			const placeOf = (entry: number | "spare") =>
				entry === "spare" ? ([spare, 0] as const) : ([rows, entry] as const);
			for (const { from, to } of moves) this.#copyEntry(...placeOf(from), ...placeOf(to));
		});
	}

	/** The entries in a buffer of their own; the old one is freed. */
	#chosen(rows: Tensor, entries: readonly number[]): Tensor {
		const chosen = keep(filled([entries.length, ...rows.shape.slice(1)], 0, rows.device));
		for (const [to, from] of entries.entries()) this.#copyEntry(rows, from, chosen, to);
		rows.dispose();
		return chosen;
	}

	/** Copies what is filled of one batch entry. */
	#copyEntry(source: Tensor, from: number, target: Tensor, to: number): void {
		const [, heads, capacity, width] = source.shape as [number, number, number, number];
		const strides = [capacity * width, width, 1];
		source.device.backend.copy(source.buffer, target.buffer, {
			shape: [heads, this.length, width],
			sourceOffset: from * heads * capacity * width,
			sourceStrides: strides,
			targetOffset: to * heads * capacity * width,
			targetStrides: strides,
		});
	}

	#grow(device: Device, capacity: number): void {
		const { heads, headDim, valueDim = headDim } = this.sizes;
		const batch = this.#batch;
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

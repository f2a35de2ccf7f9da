/** Numbers with a shape, apart from any device: what transformers.js returns as a tensor. */
export class FeatureTensor {
	constructor(
		readonly type: "float32" | "int8" | "uint8",
		/** In row-major order. */
		readonly data: Float32Array | Int8Array | Uint8Array,
		readonly dims: readonly number[],
	) {}

	/** Number of elements. */
	get size(): number {
		return this.data.length;
	}

	/** As nested arrays. */
	tolist(): NestedNumbers {
		const part = (axis: number, begin: number, size: number): NestedNumbers => {
			const count = this.dims[axis] as number;
			if (axis === this.dims.length - 1) return Array.from(this.data.subarray(begin, begin + count));
			const step = size / Math.max(1, count);
			return Array.from({ length: count }, (_, index) => part(axis + 1, begin + index * step, step));
		};
		return part(0, 0, this.size);
	}
}

/** Arrays of numbers, or of such arrays. */
export type NestedNumbers = number[] | NestedNumbers[];

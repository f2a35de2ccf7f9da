/** An array of jax-js: operations consume a reference, `ref` makes another. */
export interface JaxArray {
	readonly ref: JaxArray;
	readonly shape: readonly number[];
	add(other: JaxArray | number): JaxArray;
	sub(other: JaxArray | number): JaxArray;
	mul(other: JaxArray | number): JaxArray;
	div(other: JaxArray | number): JaxArray;
	sum(axis?: number): JaxArray;
	mean(axis?: number, options?: { keepdims?: boolean }): JaxArray;
	reshape(shape: readonly number[]): JaxArray;
	transpose(axes?: readonly number[]): JaxArray;
	/** A pair of numbers for each axis; [] for all of one. */
	slice(...ranges: readonly (readonly number[])[]): JaxArray;
	blockUntilReady(): Promise<JaxArray>;
	data(): Promise<Float32Array>;
	dispose(): void;
}

/** Nested arrays and records of arrays. */
export type JaxTree = JaxArray | readonly JaxTree[] | { readonly [name: string]: JaxTree };

/** The part of jax-js that is used here. */
export interface Jax {
	init(device: "wasm"): Promise<unknown>;
	defaultDevice(device: "wasm"): void;
	jit<Arguments extends JaxTree[], Result extends JaxTree>(
		fn: (...args: Arguments) => Result,
	): ((...args: Arguments) => Result) & { dispose(): void };
	/** The gradient is that of the first argument. */
	valueAndGrad<First extends JaxTree, Rest extends JaxTree[]>(
		fn: (first: First, ...rest: Rest) => JaxArray,
	): (first: First, ...rest: Rest) => [value: JaxArray, gradient: First];
	readonly numpy: {
		readonly int32: unknown;
		array(values: Float32Array | Int32Array, options?: { dtype?: unknown }): JaxArray;
		zeros(shape: readonly number[]): JaxArray;
		matmul(a: JaxArray, b: JaxArray): JaxArray;
		add(a: JaxArray, b: JaxArray): JaxArray;
		square(x: JaxArray): JaxArray;
		sqrt(x: JaxArray): JaxArray;
		minimum(a: JaxArray | number, b: JaxArray | number): JaxArray;
		concatenate(arrays: readonly JaxArray[], axis: number): JaxArray;
	};
	readonly nn: {
		dotProductAttention(q: JaxArray, k: JaxArray, v: JaxArray): JaxArray;
		softmax(x: JaxArray, axis: number): JaxArray;
		logsumexp(x: JaxArray, axis: number): JaxArray;
		oneHot(indices: JaxArray, classes: number): JaxArray;
		gelu(x: JaxArray, options: { approximate: boolean }): JaxArray;
	};
}

import { type Device, normal, type Tensor } from "longspan";

/** Sizes of the measured calls beside the length. */
export interface CallSizes {
	readonly batch: number;
	readonly heads: number;
	readonly headDim: number;
}

/** Random q, k and v, and a gradient of the output where backward is measured. */
export interface Inputs {
	readonly q: Tensor;
	readonly k: Tensor;
	readonly v: Tensor;
	readonly outputGradient: Tensor | null;
	dispose(): void;
}

/** Bytes of q, k and v, and of the output's gradient with `backward`. */
export function inputBytes({ batch, heads, headDim }: CallSizes, n: number, backward: boolean): number {
	return (backward ? 4 : 3) * batch * heads * n * headDim * Float32Array.BYTES_PER_ELEMENT;
}

/** Standard normal inputs of a length; the same for the same seed. Throws `OutOfMemoryError` without a trace. */
export function makeInputs(
	device: Device,
	{ batch, heads, headDim }: CallSizes,
	n: number,
	seed: number,
	backward: boolean,
): Inputs {
	const made: Tensor[] = [];
	const dispose = () => {
		for (const tensor of made) tensor.dispose();
	};
	const draw = (stream: number): Tensor => {
		const tensor = normal([batch, heads, n, headDim], { seed, stream }, device);
		made.push(tensor);
		return tensor;
	};
	try {
		return { q: draw(0), k: draw(1), v: draw(2), outputGradient: backward ? draw(3) : null, dispose };
	} catch (error) {
		dispose();
		throw error;
	}
}

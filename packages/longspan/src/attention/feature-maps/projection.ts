import { philox } from "../../backends/backend.js";
import { OptionError } from "../../errors.js";
import { checkFlag, checkNumber, type OptionNames } from "../../ops/operands.js";
import { tensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { MapCost } from "../linear/cost.js";

export interface RandomFeatureOptions {
	/** Width of the mapped vectors, even. Default: headDim, or headDim + 1 if that is odd. */
	features?: number;
	/** t of the kernel that is approximated. Default: 1 / sqrt(headDim), as in softmax attention. */
	softmaxTemperature?: number;
	/** Whether directions are orthogonal in blocks of headDim, which lowers the variance (arXiv 2009.14794, section 2.4). */
	orthogonal?: boolean;
	/** Names the random numbers. Every head, call and form uses the same directions. Default: 0. */
	seed?: number;
}

export const randomFeatureOptionNames: OptionNames<RandomFeatureOptions> = {
	features: true,
	softmaxTemperature: true,
	orthogonal: true,
	seed: true,
};

/** Random directions of one mechanism, drawn once. */
export interface Projection {
	/** Width of the features. */
	features(headDim: number): number;
	/** Cost of the product with the directions, and of some copies of the features beside it. */
	cost(headDim: number, copies: number): MapCost;
	/** t */
	temperature(headDim: number): number;
	/** Directions times sqrt(t), [features / 2, headDim]. */
	directions(headDim: number, device: Device): Tensor;
}

/** Checks the options of random features and draws their directions when they are first asked for. */
export function randomProjection(
	name: string,
	{ features, softmaxTemperature, orthogonal, seed = 0 }: RandomFeatureOptions & { orthogonal: boolean },
): Projection {
	if (features !== undefined) {
		checkNumber(name, "features", features, { min: 2, integer: true });
		if (features % 2 === 1)
			throw new OptionError(`${name}: features is ${features}; expected an even number, two for each random direction`);
	}
	if (softmaxTemperature !== undefined) checkNumber(name, "softmaxTemperature", softmaxTemperature, { min: 0 });
	checkFlag(name, "orthogonal", orthogonal);
	checkNumber(name, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	const widthOf = (headDim: number) => features ?? headDim + (headDim % 2);
	const temperature = (headDim: number) => softmaxTemperature ?? 1 / Math.sqrt(headDim);
	const drawn = new Map<number, Float32Array>();
	return {
		features: widthOf,
		temperature,
		cost: (headDim, copies) => ({ flops: headDim * widthOf(headDim), numbers: copies * widthOf(headDim) + 3 }),
		directions(headDim, device) {
			const count = widthOf(headDim) / 2;
			let values = drawn.get(headDim);
			if (!values) {
				const scale = Math.sqrt(temperature(headDim));
				values = drawDirections(count, headDim, orthogonal, seed).map((value) => value * scale);
				drawn.set(headDim, values);
			}
			return tensor(values, [count, headDim], device);
		},
	};
}

/** Endless standard normal numbers (Box and Muller 1958). */
function* normals(seed: number): Generator<number, never> {
	const key = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
	for (let block = 0; ; block++) {
		const words = philox([block, 0, 0, 0], key);
		for (const pair of [0, 2]) {
			const radius = Math.sqrt(-2 * Math.log1p(-(words[pair] as number) / 2 ** 32));
			const angle = (2 * Math.PI * (words[pair + 1] as number)) / 2 ** 32;
			yield radius * Math.cos(angle);
			yield radius * Math.sin(angle);
		}
	}
}

const dot = (a: Float64Array, b: Float64Array): number =>
	a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

/** Rows of normal vectors; orthogonal ones get lengths drawn on their own, distributed as those of normal vectors (chi). */
function drawDirections(count: number, headDim: number, orthogonal: boolean, seed: number): Float32Array {
	const next = normals(seed);
	const draw = () => Float64Array.from({ length: headDim }, () => next.next().value);
	const rows: Float64Array[] = [];
	for (let row = 0; row < count; row++) {
		const vector = draw();
		if (orthogonal) {
			const block = rows.slice(row - (row % headDim));
			// Gram and Schmidt, twice for the sake of rounding.
			for (const other of [...block, ...block]) {
				const share = dot(vector, other) / dot(other, other);
				for (let i = 0; i < headDim; i++) vector[i] = (vector[i] as number) - share * (other[i] as number);
			}
			const length = draw();
			const factor = Math.sqrt(dot(length, length) / dot(vector, vector));
			for (let i = 0; i < headDim; i++) vector[i] = (vector[i] as number) * factor;
		}
		rows.push(vector);
	}
	return Float32Array.from(rows.flatMap((row) => Array.from(row)));
}

import { type LinformerOptions, linformer } from "../../attention/linformer/index.js";
import { linformerReference, type ReferenceProjection } from "../../attention/linformer/reference.js";
import { mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { reshape } from "../../ops/reshape.js";
import { tensor } from "../../tensor/create.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GoldenRuns } from "../golden-run.js";
import type { ExtraInputs, MechanismCase } from "../mechanism-case.js";

const maxLength = 1000;

/** Inputs are standard normal numbers; weights of this size give scores that leave the softmax soft. */
const weightsOf = (extra: ExtraInputs): ExtraInputs =>
	Object.fromEntries(Object.entries(extra).map(([name, x]) => [name, mul(x, 0.05)]));

/** 1 where position j is in the window of the slot and `at` in it: [stride, slots * maxLength]. */
function windowIndicators(slots: number, stride: number): Float32Array {
	const values = new Float32Array(stride * slots * maxLength);
	for (let j = 0; j < maxLength; j++) values[((j % stride) * slots + Math.floor(j / stride)) * maxLength + j] = 1;
	return values;
}

/** The matrix [heads, slots, maxLength] that a convolution with these kernels [heads, stride] is. */
function matrixOf(kernels: Tensor, slots: number): Tensor {
	const [heads, stride] = kernels.shape as [number, number];
	const indicators = tensor(windowIndicators(slots, stride), [stride, slots * maxLength], kernels.device);
	return reshape(matmul(kernels, indicators), [heads, slots, maxLength]);
}

function linearCase(
	options: Omit<LinformerOptions, "maxLength">,
	names: readonly string[],
	shapeOf: (heads: number) => Shape,
): MechanismCase {
	const attend = linformer({ maxLength, ...options });
	const { projectedLength } = options;
	return {
		name: attend.description,
		attend,
		reference: (q, k, v, keyMask, extra) => {
			const { E, F = E } = weightsOf(extra) as { E: Tensor; F?: Tensor };
			return linformerReference(q, k, v, {
				keys: { matrix: E },
				values: { matrix: F },
				keyMask,
				...(typeof projectedLength !== "number" && { slotsOfHeads: projectedLength }),
			});
		},
		extraInputs: ({ heads }) => Object.fromEntries(names.map((name) => [name, shapeOf(heads)])),
		options: (extra) => ({ weights: weightsOf(extra) }),
		cross: true,
		maxLength,
		...(typeof projectedLength !== "number" && { heads: projectedLength.length }),
	};
}

function poolCase(
	projection: "mean-pool" | "max-pool",
	projectedLength: number,
	project: (device: Tensor["device"]) => ReferenceProjection,
): MechanismCase {
	const attend = linformer({ maxLength, projectedLength, projection });
	return {
		name: attend.description,
		attend,
		reference: (q, k, v, keyMask) =>
			linformerReference(q, k, v, { keys: project(k.device), values: project(k.device), keyMask }),
		cross: true,
		maxLength,
	};
}

export const linformerCases: readonly MechanismCase[] = [
	linearCase({ projectedLength: 40 }, ["E", "F"], (heads) => [heads, 40, maxLength]),
	linearCase({ projectedLength: [10, 40] }, ["E", "F"], (heads) => [heads, 40, maxLength]),
	linearCase({ projectedLength: 40, sharing: "headwise" }, ["E", "F"], () => [40, maxLength]),
	linearCase({ projectedLength: 70, sharing: "key-value" }, ["E"], () => [70, maxLength]),
	// Windows of 32, the last of 8.
	poolCase("mean-pool", 32, (device) => ({
		matrix: matrixOf(tensor(new Array(32).fill(1 / 32), [1, 32], device), 32),
	})),
	poolCase("max-pool", 32, () => ({ slots: 32, stride: 32 })),
	{
		...linearCase({ projectedLength: 32, projection: "convolution" }, ["E", "F"], (heads) => [heads, 32]),
		reference: (q, k, v, keyMask, extra) => {
			const { E, F } = weightsOf(extra) as { E: Tensor; F: Tensor };
			return linformerReference(q, k, v, {
				keys: { matrix: matrixOf(E, 32) },
				values: { matrix: matrixOf(F, 32) },
				keyMask,
			});
		},
	},
];

export const linformerGolden: GoldenRuns<{ readonly k: number }> = {
	linformer: ({ tensors: { q, k, v, E, F }, parameters }) =>
		linformer({ maxLength: 64, projectedLength: parameters.k, sharing: "headwise" })(
			...([q, k, v] as [Tensor, Tensor, Tensor]),
			{ weights: { E, F } as ExtraInputs },
		),
	"linformer-heads-padding": ({ tensors: { q, k, v, E, F }, integers: { key_mask }, parameters }) =>
		linformer({ maxLength: 64, projectedLength: parameters.k })(...([q, k, v] as [Tensor, Tensor, Tensor]), {
			keyMask: key_mask,
			weights: { E, F } as ExtraInputs,
		}),
};

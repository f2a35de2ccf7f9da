import type { Attention } from "../attention/mechanism.js";
import type { Tensor } from "../tensor/tensor.js";

/** Inputs of a golden test by name. */
export interface GoldenInputs<Parameters> {
	/** Differentiable inputs. */
	readonly tensors: { readonly [name: string]: Tensor };
	readonly integers: { readonly [name: string]: Tensor<"int32"> };
	/** Floating-point inputs without a gradient, such as rotations. */
	readonly constants: { readonly [name: string]: Tensor };
	readonly parameters: Parameters;
}

/** Computes the output of a golden test. */
export type GoldenRun<Parameters = unknown> = (inputs: GoldenInputs<Parameters>) => Tensor;

/** How golden tests are run, by their name. */
// biome-ignore lint/suspicious/noExplicitAny: each file of tests knows the parameters of its own
export type GoldenRuns<Parameters = any> = { readonly [test: string]: GoldenRun<Parameters> };

/** A run that is one call on q, k, v and, where the test has one, key_mask. */
export function attentionGolden<Parameters>(make: (parameters: Parameters) => Attention): GoldenRun<Parameters> {
	return ({ tensors: { q, k, v }, integers: { key_mask }, parameters }) =>
		make(parameters)(q as Tensor, k as Tensor, v as Tensor, { keyMask: key_mask });
}

import { add } from "../../ops/arithmetic.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { RunOptions } from "../architecture.js";
import { drop } from "../layers/drop.js";
import { applyNorm, type NormParameters } from "../layers/norm.js";
import type { EncoderDecoderConfig } from "./config.js";

/** That of torch's layer norm; no configuration of the family has another. */
export const normEpsilon = 1e-5;

/** A sublayer with its residual path: norm(x + f(x)), or x + f(norm(x)) if norms come before. */
export function sublayer(
	x: Tensor,
	norm: NormParameters,
	config: EncoderDecoderConfig,
	random: RunOptions["random"],
	compute: (input: Tensor) => Tensor,
): Tensor {
	return scope(() => {
		const added = (input: Tensor) => scope(() => add(x, drop(compute(input), config.dropout, random)));
		if (config.norm === "before") return added(applyNorm(x, norm, normEpsilon));
		return applyNorm(added(x), norm, normEpsilon);
	});
}

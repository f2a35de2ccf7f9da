import { scope } from "../../tensor/scope.js";
import type { EncoderInputs } from "../architecture.js";
import type { Encoder } from "../layers/encoder.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import type { Declared } from "../parameters/declare.js";
import type { BaseOutputs } from "../tasks.js";
import { firstToken } from "./first-token.js";
import { defineHead, withHead } from "./with-head.js";

/**
 * The encoder alone, and tanh of a projection of its first token where the checkpoint has one.
 *
 * @param pooler name of the projection
 */
export function baseModel<B extends Declared>(encoder: Encoder<B>, pooler: string) {
	const { dim } = encoder.sizes;
	// Checkpoints of language models have none.
	const declared = { pooler: declareLinear(pooler, dim, dim, { optional: "left-out" }) };
	const head = defineHead(
		declared,
		({ pooler: own }, hidden, _inputs: EncoderInputs): Pick<BaseOutputs, "poolerOutput"> => ({
			poolerOutput: own.weight && scope(() => applyLinear(firstToken(hidden), own, "tanh")),
		}),
	);
	return withHead(encoder, head);
}

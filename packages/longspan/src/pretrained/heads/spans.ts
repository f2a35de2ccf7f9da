import { reshape } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { EncoderInputs } from "../architecture.js";
import type { Encoder } from "../layers/encoder.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import type { SpanOutputs } from "../tasks.js";
import { defineHead } from "./with-head.js";

export type SpanLogits = Pick<SpanOutputs, "startLogits" | "endLogits">;

/** Where an answer starts and ends, by a projection of each token. */
export function spanHead({ sizes: { dim } }: Encoder) {
	return defineHead(
		{ outputs: declareLinear("qa_outputs", dim, 2) },
		({ outputs }, hidden, _inputs: EncoderInputs): SpanLogits => splitSpans(applyLinear(hidden, outputs)),
	);
}

/** Scores [batch, length, 2] as those of starts and of ends. */
export function splitSpans(scores: Tensor): SpanLogits {
	const [batch, length] = scores.shape as [number, number, number];
	return scope(() => {
		const [startLogits, endLogits] = [0, 1].map((at) => reshape(slice(scores, 2, at, at + 1), [batch, length])) as [
			Tensor,
			Tensor,
		];
		return { startLogits, endLogits };
	});
}

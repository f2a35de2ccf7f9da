import { longformerPlan } from "../longformer/plans.js";
import type { Connectivity } from "../mechanism.js";
import { forAllHeads } from "../softmax/softmax-attention.js";

/** Who sees whom, as one sequence in which the global tokens follow the long ones. */
export function etcConnectivity(radius: number, longLength: number, globalLength: number): Connectivity {
	const globals = Array.from({ length: globalLength }, (_, token) => longLength + token);
	const pattern = { window: radius, causal: false, dilation: 1, globals };
	return { kind: "tiles", parts: [forAllHeads(longformerPlan(longLength + globalLength, pattern, "all"))] };
}

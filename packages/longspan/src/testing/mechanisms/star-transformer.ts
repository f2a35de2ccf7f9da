import { starAttention, starRelay, starSatellite } from "../../attention/star-transformer/index.js";
import { starAttentionReference } from "../../attention/star-transformer/reference.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GoldenInputs, GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

export const starCases: readonly MechanismCase[] = [
	{
		name: "star",
		attend: starAttention(),
		reference: starAttentionReference,
		cross: false,
	},
];

type Inputs = GoldenInputs<unknown>;

function ring({ tensors, integers }: Inputs): Tensor {
	const { q, k, v, ke, ve, ks, vs } = tensors as Record<"q" | "k" | "v" | "ke" | "ve" | "ks" | "vs", Tensor>;
	const lengths = Array.from((integers.lengths as Tensor<"int32">).dataSync());
	return starSatellite({ q, k, v, embeddingKeys: ke, embeddingValues: ve, relayKey: ks, relayValue: vs, lengths });
}

function relay({ tensors, integers }: Inputs): Tensor {
	const { q, k, v, ks, vs } = tensors as Record<"q" | "k" | "v" | "ks" | "vs", Tensor>;
	return starRelay({ q, k, v, relayKey: ks, relayValue: vs, keyMask: integers.mask });
}

export const starGolden: GoldenRuns = { "star-ring": ring, "star-ring-tiny": ring, "star-relay": relay };

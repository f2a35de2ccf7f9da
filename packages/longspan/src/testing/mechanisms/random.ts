import { type RandomAttentionOptions, randomAttention } from "../../attention/random/index.js";
import { randomAttentionReference } from "../../attention/random/reference.js";
import type { MechanismCase } from "../mechanism-case.js";

function randomCase(name: string, options: RandomAttentionOptions, minLength = 1): MechanismCase {
	return {
		name: `random ${name}`,
		attend: randomAttention(options),
		reference: (q, k, v, keyMask) => randomAttentionReference(q, k, v, { ...options, keyMask }),
		cross: false,
		minLength,
	};
}

export const randomCases: readonly MechanismCase[] = [
	randomCase("2 of 20", { blockSize: 20, blocks: 2 }, 40),
	randomCase("2 of 20, causal", { blockSize: 20, blocks: 2, causal: true, seed: 3 }),
	randomCase("1 of 24 and its own, causal", { blockSize: 24, blocks: 1, ownBlock: true, causal: true }),
];
